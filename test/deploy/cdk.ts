/** The CDK command line, pinned by this project, against an endpoint. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../local/user-error.ts'
import { must, tail } from '../../tools/programs/program.ts'
import type { Closers } from '../../tools/programs/tell.ts'
import { ROOT } from '../emulators/cache.ts'

type Options = {
  /** Folder of its output. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The outputs of all stacks that the scripts here know. */
export type Outputs = { readonly SocketUrl: string; readonly HttpUrl: string }

export const createCdk = (closers: Closers, { folder, env }: Options) => {
  const log = join(folder, 'cdk.log')
  const cdk = (...args: readonly string[]): Promise<void> =>
    must(closers, process.execPath, [join(ROOT, 'node_modules/aws-cdk/bin/cdk'), ...args], {
      cwd: ROOT,
      log,
      env: { ...env, CI: 'true', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    })
  const file = join(folder, 'outputs.json')
  const stacks = ['--all', '--require-approval', 'never', '--progress', 'events']
  return {
    log,
    synth: (to: string, context: Readonly<Record<string, string>>): Promise<void> => {
      const settings = Object.entries(context).flatMap(([name, value]) => [
        '-c',
        `keyharbor:${name}=${value}`,
      ])
      return cdk('synth', '--quiet', '-o', to, ...settings)
    },
    bootstrap: (assembly: string): Promise<void> =>
      cdk('bootstrap', `aws://${env.CDK_DEFAULT_ACCOUNT}/${env.AWS_REGION}`, '--app', assembly),
    /** @throws UserError when the outputs lack an address. */
    async deploy(assembly: string): Promise<Outputs> {
      await cdk('deploy', ...stacks, '--app', assembly, '--outputs-file', file)
      const byStack = JSON.parse(await readFile(file, 'utf8')) as Record<string, object>
      const outputs = Object.assign({}, ...Object.values(byStack)) as Partial<Outputs>
      const { SocketUrl, HttpUrl } = outputs
      if (SocketUrl === undefined || HttpUrl === undefined)
        throw new UserError(`No SocketUrl and HttpUrl in the outputs: ${JSON.stringify(outputs)}`)
      return { SocketUrl, HttpUrl }
    },
    /** Deploys what is deployed. @throws UserError unless CDK finds no changes in any stack. */
    async deployAgain(assembly: string, names: readonly string[]): Promise<void> {
      const before = (await readFile(log, 'utf8')).length
      await cdk('deploy', ...stacks, '--app', assembly)
      const said = (await readFile(log, 'utf8')).slice(before)
      const changed = names.filter((name) => !said.includes(`${name} (no changes)`))
      if (changed.length > 0)
        throw new UserError(`A second deployment changed ${changed.join(', ')}:\n${tail(log)}`)
    },
    destroy: (assembly: string): Promise<void> =>
      cdk('destroy', '--all', '--force', '--app', assembly),
  }
}
