/** Assemblies that a test writes down. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readAssembly } from '../../../local/assembly/assembly.ts'
import { folder } from '../kit.ts'

export type Template = {
  readonly Resources?: Record<string, { Type: string; Properties?: Record<string, unknown> }>
  readonly Outputs?: Record<string, unknown>
  readonly Parameters?: Record<string, unknown>
}

/** @param stacks templates by the name of the stack. */
export const assemblyOf = async (stacks: Record<string, Template>) => {
  const path = await folder()
  const save = (name: string, content: unknown) =>
    writeFile(join(path, name), JSON.stringify(content))
  const artifacts: Record<string, unknown> = { Tree: { type: 'cdk:tree' } }
  for (const [stack, template] of Object.entries(stacks)) {
    artifacts[stack] = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: `${stack}.template.json` },
    }
    artifacts[`${stack}.assets`] = {
      type: 'cdk:asset-manifest',
      properties: { file: `${stack}.assets.json` },
    }
    await save(`${stack}.template.json`, template)
    await save(`${stack}.assets.json`, {
      files: {
        abc: { source: { path: 'asset.abc' }, destinations: { here: { objectKey: 'abc.zip' } } },
      },
    })
  }
  await mkdir(join(path, 'asset.abc'))
  await save('manifest.json', { artifacts })
  return readAssembly(path)
}

export const WORLD = { region: 'eu-west-1', table: 'keys', kmsKey: 'arn:aws:kms:::key/1' }
