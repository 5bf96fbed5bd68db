/**
 * Writes `client/api.ts` from the registry: what isn't registered isn't in it, and what is can't be left
 * out. A generator of our own, as the schemas are of few kinds, and none on the market makes `Date` of
 * `{"$date": …}`, tuples of parameters, and names of rows.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import * as z from 'zod'
import { EVENTS } from '../../shared/domain/events.ts'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { OPERATORS } from '../../shared/domain/query/operators.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { jsonSchema } from '../../shared/domain/schema.ts'
import { CURRENT, type Extension } from '../../shared/domain/versions.ts'
import { ApiKeyEntry } from '../../shared/keys/entry-schema.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { Me } from '../../shared/methods/me.ts'
import type { Method } from '../../shared/rpc/method.ts'
import { UserEntry } from '../../shared/users/entry.ts'
import { comment, type Schema, typeOf } from './types.ts'

const ROOT = join(import.meta.dirname, '../..')
export const FILE = join(ROOT, 'client/api.ts')

/** The whole file, formatted. */
export const apiSource = (): string =>
  formatted(
    [
      '/** Generated from the registry of methods by `npm run client`: change that, not this. */',
      `/** The version of the API that this describes: the last part of an address to connect to. */
       export const VERSION = '${CURRENT}'`,
      QUERIES,
      `type Plain = ${[...OPERATORS.keys()].map((key) => `'${key}'`).join(' | ')}`,
      `export type QueryOptions = ${typeOf(jsonSchema(QueryOptions, 'input'), 'input')}`,
      ...[...named].map(([name, schema]) => `export type ${name} = ${typeOf(schema, 'output')}`),
      `/** Parameters by position, and the result; \`row\` is what a query lists. */
       export type Methods = {\n${methods.map(methodType).join('\n')}\n}`,
      `/** What a subscription to an event tells of. */
       export type Events = {\n${EVENTS.map(eventType).join('\n')}\n}`,
    ].join('\n\n'),
  )

// ---------------------------------------------------------------------------------------------

const QUERIES = `
/** Conditions, all of which hold. */
export type Filters = readonly Filter[]
/** A condition; or several, any of which holds (each may be a list, all of which hold). */
export type Filter =
  | readonly [field: string, operator: Operator, value: unknown]
  | readonly ['OR', readonly (Filter | Filters)[]]
/** With a \`C\` before it, an operator makes no difference between upper and lower case. */
export type Operator = '~' | Plain | \`C\${Plain}\`
/** The rows; one row with the option \`get\`, their number with \`count\`, parts of them with \`select\`. */
export type QueryResult<Row> = Row[] | Partial<Row>[] | Row | Partial<Row> | number`

const methods = [...METHODS.values()].sort((a, b) => (a.name < b.name ? -1 : 1))

/** `api_key.query` lists an ApiKey, `auth.sessions` a Session, `core.get_jobs` a Job. */
const rowName = (method: string): string => {
  const [namespace = '', verb = ''] = method.split('.')
  const noun = verb === 'query' ? namespace : verb.replace(/^get_/, '').replace(/s$/, '')
  return noun.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

type Named = readonly [name: string, schema: z.ZodType]
const ENTRIES: readonly Named[] = [
  ['ApiKey', ApiKeyEntry],
  ['User', UserEntry],
  ['Me', Me],
]

/** Queries whose rows no schema describes list this. */
const anything = z.record(z.string(), z.unknown())

const rowsOf = (method: Method & { readonly row?: z.ZodType }): readonly Named[] => {
  const name = rowName(method.name)
  const known = method.row ?? ENTRIES.find(([entry]) => entry === name)?.[1]
  return method.filterable ? [[name, known ?? anything]] : []
}

/** Schemas that have a name. */
const named = new Map<string, Schema>(
  [...ENTRIES, ...methods.flatMap(rowsOf)].map(([name, schema]) => [
    name,
    jsonSchema(schema, 'output'),
  ]),
)
const names = new Map([...named].map(([name, schema]) => [JSON.stringify(schema), name]))
names.delete(JSON.stringify(jsonSchema(anything, 'output')))
const nameOf = (schema: Schema): string | null => names.get(JSON.stringify(schema)) ?? null

/** What `<namespace>.get_instance` shows is what its `query` lists. */
const rowOf = (method: string): string => rowName(method.replace(/\.get_instance$/, '.query'))

const methodType = (method: Method): string => {
  const { name, summary, params, filterable, extension } = method
  const parameters = Object.entries(params).map(([param, schema]) => {
    const optional = schema.safeParse(undefined).success ? '?' : ''
    return `${param}${optional}: ${parameterType(schema)}`
  })
  const members = [`params: [${parameters.join(', ')}]`, `result: ${resultType(method)}`]
  if (filterable) members.push(`row: ${rowOf(name)}`)
  return `${comment(summary + ourNote(extension))}'${name}': {\n${members.join('\n')}\n}`
}

const ourNote = (extension: Extension | undefined): string =>
  extension ? ` (An extension of Keyharbor, since ${extension.since}.)` : ''

const QUERY_TYPES: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [QueryFilters, 'Filters'],
  [QueryOptions, 'QueryOptions'],
])

const parameterType = (schema: z.ZodType): string =>
  QUERY_TYPES.get(schema) ?? typeOf(jsonSchema(schema, 'input'), 'input')

const resultType = ({ name, filterable, result }: Method): string => {
  if (filterable) return `QueryResult<${rowOf(name)}>`
  if (name.endsWith('.get_instance')) return rowOf(name)
  return typeOf(jsonSchema(result, 'output'), 'output', nameOf)
}

const eventType = ({ name, summary, extension }: (typeof EVENTS)[number]): string =>
  `${comment(summary + ourNote(extension))}'${name}': ${rowOf(name)}`

const formatted = (source: string): string =>
  execFileSync(join(ROOT, 'node_modules/.bin/biome'), ['format', `--stdin-file-path=${FILE}`], {
    cwd: ROOT,
    input: source,
    encoding: 'utf8',
  })
