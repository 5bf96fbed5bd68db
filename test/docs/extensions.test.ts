/** What TrueNAS doesn't have says so, and which release of Keyharbor brought it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EVENTS } from '../../shared/domain/events.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { CURRENT, type Extension } from '../../shared/domain/versions.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { OUR_DATA } from '../../tools/docs/errors.tsx'
import { openRpc } from '../../tools/docs/openrpc.ts'
import { extensionOf, membersOf } from '../../tools/docs/schema.tsx'
import { filesLike, ROOT } from './citations.ts'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const ours = read('docs/protocol.md')
const listed = ours.split(/^## /m).find((part) => part.startsWith('Ours\n')) ?? ''
const protocol = filesLike('docs/protocol').map(read).join('\n')
const isWordOf = (name: string, text: string): boolean => new RegExp(`\\b${name}\\b`).test(text)
const isOfTrueNas = (name: string): boolean => isWordOf(name, protocol)

describe.each([...METHODS.values(), ...EVENTS])('$name', ({ name, extension }) => {
  it(isOfTrueNas(name) ? 'is of TrueNAS' : 'is an extension', () => {
    const why = isOfTrueNas(name)
      ? 'docs/protocol/ tells of it: take `extension` away if TrueNAS has it; if not, tell of it in docs/protocol.md instead'
      : 'docs/protocol/ tells of what TrueNAS has, and this isn’t there: say `extension: { since: … }`'
    expect(extension === undefined, why).toBe(isOfTrueNas(name))
    if (extension !== undefined)
      expect(ours.includes(`\`${name}`), 'docs/protocol.md tells of what is ours').toBe(true)
  })
})

/** Which file tells of the methods of a namespace. */
const FILES: Readonly<Record<string, string>> = {
  api_key: 'docs/protocol/keys.md',
  user: 'docs/protocol/keys.md',
  auth: 'docs/protocol/login.md',
  core: 'docs/protocol/core.md',
}
const ofTrueNas = openRpc(CURRENT, METHODS).methods.filter(({ name }) => isOfTrueNas(name))

it.each(ofTrueNas)('what $name has and TrueNAS’s has not is an extension', (method) => {
  const { name: methodName, params, result } = method
  const file = FILES[methodName.slice(0, methodName.indexOf('.'))] ?? ''
  expect(file, 'name the file of this namespace in FILES').not.toBe('')
  const isQuery = Object.values(METHODS.get(methodName)?.params ?? {}).includes(QueryOptions)
  const code = codeIn(read(file) + (isQuery ? read('docs/protocol/queries.md') : ''))
  const members = [...params, ...[...params, result].flatMap(({ schema }) => membersOf(schema))]
  const ours = members.filter(({ schema }) => extensionOf(schema))
  // By the schema itself, since a parameter may have the name of an entry's member.
  const known = new Set(
    [...ours, ...ours.flatMap(({ schema }) => membersOf(schema))].map(({ schema }) => schema),
  )
  const unknown = members.filter(({ name, schema }) => !known.has(schema) && !isWordOf(name, code))
  const why = `${file} doesn’t name it as \`code\`: give its schema \`.meta(extension(…))\`, or name it there if TrueNAS has it`
  expect([...new Set(unknown.map(({ name }) => name))], why).toEqual([])
  const untold = ours.filter(({ name }) => !isWordOf(name, codeIn(listed)))
  const where = 'docs/protocol.md#ours tells of what is ours, by `code`'
  expect([...new Set(untold.map(({ name }) => name))], where).toEqual([])
})

describe('an extension', () => {
  const document = openRpc(CURRENT, METHODS)
  const releases = new Set([
    ...extensionsIn(document).map(({ since }) => since),
    ...Object.values(OUR_DATA).map(({ since }) => since),
  ])

  it.each([...releases])('came with a release: %s', (since) => {
    const released = [...read('CHANGELOG.md').matchAll(/^## (\S+)/gm)].map(([, name]) => name)
    expect(released, 'CHANGELOG.md has a part for each release').toContain(since)
  })
})

// ---------------------------------------------------------------------------------------------

/** What a text has in backticks. */
function codeIn(text: string): string {
  const block = /^```.*?^```$/gms
  return [...(text.match(block) ?? []), ...(text.replace(block, '').match(/`[^`]+`/g) ?? [])].join()
}

/** All that a document says of extensions, however deep. */
const extensionsIn = (document: unknown): Extension[] => {
  if (typeof document !== 'object' || document === null) return []
  return Object.entries(document).flatMap(([name, value]) =>
    name === 'x-extension' ? (value ? [value as Extension] : []) : extensionsIn(value),
  )
}
