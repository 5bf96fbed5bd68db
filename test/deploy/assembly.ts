/**
 * The cloud assembly: what the CDK app synthesises, as its manifest lists it, and a copy of it for an
 * emulator, in which what that can't do is left out or said in its words. The app itself stays as it is.
 */
import { createHash } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type Resource = {
  readonly Type: string
  readonly DependsOn?: string | readonly string[]
  Properties?: Record<string, unknown>
}
export type Template = {
  readonly Resources: Record<string, Resource>
  readonly Outputs?: Record<string, unknown>
}

/** Changes a template in place. @returns what it did, a line each. */
export type Adaptation = (template: Template) => readonly string[]

export type Stack = { readonly name: string; readonly file: string }

/** The stacks of an assembly. */
export const stacksOf = async (folder: string): Promise<Stack[]> => {
  const { artifacts } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
  return Object.entries(artifacts as Record<string, Artifact>)
    .filter(([, { type }]) => type === 'aws:cloudformation:stack')
    .map(([id, { properties }]) => ({
      name: properties.stackName ?? id,
      file: properties.templateFile,
    }))
}

/** Copies an assembly with each template adapted. @returns what was done, by stack. */
export const adapt = async (
  from: string,
  to: string,
  adaptations: readonly Adaptation[],
): Promise<string[]> => {
  await cp(from, to, { recursive: true })
  const done: string[] = []
  for (const { name, file } of await stacksOf(to)) {
    const before = await readFile(join(to, file))
    const template: Template = JSON.parse(String(before))
    const lines = adaptations.flatMap((change) => change(template))
    if (lines.length === 0) continue
    const after = JSON.stringify(template, null, 1)
    await writeFile(join(to, file), after)
    await rename(to, file, digest(after))
    done.push(...lines.map((line) => `${name}: ${line}`))
  }
  return done
}

/** Variables of the functions that have a certain one, as `npm start` takes them from its environment. */
export const withVariables =
  (which: string, more: Readonly<Record<string, string>>): Adaptation =>
  ({ Resources }) => {
    const theirs = Object.values(Resources).flatMap(({ Properties }) => {
      const { Variables = {} } = (Properties?.Environment ?? {}) as {
        Variables?: Record<string, unknown>
      }
      return which in Variables ? [Variables] : []
    })
    for (const variables of theirs) Object.assign(variables, more)
    if (theirs.length === 0) return []
    return Object.entries(more).map(([name, value]) => `${name} is ${value}, for the test`)
  }

// ---------------------------------------------------------------------------------------------

type Artifact = {
  readonly type: string
  readonly properties: { readonly templateFile: string; readonly stackName?: string }
}

const digest = (content: string): string => createHash('sha256').update(content).digest('hex')

/** A template is uploaded under its digest: under the old one CDK would take it for uploaded. */
const rename = async (folder: string, file: string, hash: string): Promise<void> => {
  const list = `${file.replace(/\.template\.json$/, '')}.assets.json`
  const { files } = JSON.parse(await readFile(join(folder, list), 'utf8')) as {
    files: Record<string, { source: { path: string } }>
  }
  const entry = Object.entries(files).find(([, { source }]) => source.path === file)
  const old = /^[0-9a-f]{64}/.exec(entry?.[0] ?? '')?.[0]
  if (old === undefined) throw new Error(`${list} doesn't list ${file}`)
  for (const name of [list, 'manifest.json']) {
    const text = await readFile(join(folder, name), 'utf8')
    await writeFile(join(folder, name), text.replaceAll(old, hash))
  }
}
