/** Builds what would be deployed: the CDK app with its settings, in a process of its own. No CDK CLI, no
 * account and no Docker. Each time anew, so that the bundles are never older than the sources. */
import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../user-error.ts'

const ROOT = join(import.meta.dirname, '../..')
const PATIENCE_MS = 300_000

/**
 * @param folder of the assembly; what is in it goes.
 * @param settings CDK context, as a deployer gives it with `-c`.
 * @throws UserError with what the app said, when it failed.
 */
export const synthesise = async (
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> => {
  await rm(folder, { recursive: true, force: true })
  // The flags of the project. Not cdk.context.json: that is of a deployment, and this is another one.
  const { context } = JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8'))
  const env = {
    ...process.env,
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...settings }),
  }
  await new Promise<void>((done, fail) => {
    const args = ['--import', 'tsx', 'cdk/app.ts']
    const options = { cwd: ROOT, env, timeout: PATIENCE_MS, maxBuffer: 64 * 1024 * 1024 }
    const child = execFile(process.execPath, args, options, (error, out, err) => {
      process.off('exit', end)
      if (error === null) done()
      else fail(new UserError(`The bundles can't be built:\n${out}${err}`))
    })
    // Who is stopped meanwhile must not leave it writing into the data folder.
    const end = (): void => void child.kill()
    process.once('exit', end)
  })
}
