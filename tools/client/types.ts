/** TypeScript types out of the JSON Schemas that zod makes of the registry (`shared/domain/schema.ts`): as
 * callers of the client see them, with `Date` and `Set`. What it doesn't know is an error, never `unknown`. */
import type { Extension } from '../../shared/domain/versions.ts'

export type Schema = Readonly<Record<string, unknown>>

/** @param name gives the name of a schema that has one; null writes it out. */
export const typeOf = (
  schema: Schema,
  io: 'input' | 'output',
  name: (schema: Schema) => string | null = () => null,
): string => {
  const inner = (part: unknown): string => typeOf(part as Schema, io, name)
  const named = name(schema)
  if (named !== null) return named
  const { type, format, anyOf, oneOf, enum: values } = schema
  if ('const' in schema) return JSON.stringify(schema.const)
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ')
  const options = anyOf ?? oneOf
  if (Array.isArray(options)) return [...new Set(options.map(inner))].join(' | ')
  if (Array.isArray(type)) return type.map((one) => inner({ ...schema, type: one })).join(' | ')
  if (format === 'ejson $date') return 'Date'
  if (format === 'ejson $set') return `${readonly('Set', io)}<${inner(itemsOf(schema))}>`
  switch (type) {
    case undefined:
      return onlyDescribed(schema) ? 'unknown' : fail(schema)
    case 'integer':
    case 'number':
      return 'number'
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'array':
      return `${readonly('Array', io)}<${inner(schema.items ?? {})}>`
    case 'object':
      return objectType(schema, inner)
    default:
      return fail(schema)
  }
}

/** A doc comment, or nothing. */
export const comment = (text: unknown): string =>
  typeof text === 'string' ? `/** ${text.replaceAll('*/', '*\\/')} */\n` : ''

// ---------------------------------------------------------------------------------------------

/** What the service is given it doesn't change. */
const readonly = (collection: 'Array' | 'Set', io: 'input' | 'output'): string =>
  io === 'input' ? `Readonly${collection}` : collection

const itemsOf = ({ additionalProperties }: Schema): unknown =>
  (additionalProperties as Schema).items ?? {}

const objectType = (schema: Schema, inner: (part: unknown) => string): string => {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>)
  const { additionalProperties: rest } = schema
  if (properties.length === 0)
    return typeof rest === 'object' ? `Record<string, ${inner(rest)}>` : 'Record<string, never>'
  const required = new Set(schema.required as string[] | undefined)
  const members = properties.map(([member, value]) => {
    const optional = required.has(member) ? '' : '?'
    return `${comment(descriptionOf(value))}readonly ${member}${optional}: ${inner(value)}`
  })
  return `{\n${members.join('\n')}\n}`
}

const descriptionOf = (schema: Schema): string | undefined => {
  const since = schema['x-since'] && `from ${schema['x-since']}`
  const until = schema['x-until'] && `up to ${schema['x-until']}`
  const extension = schema['x-extension'] as Extension | undefined
  const ours = extension && `an extension of Keyharbor, since ${extension.since}`
  const notes = [schema.description, since, until, ours].filter((note) => typeof note === 'string')
  return notes.length === 0 ? undefined : notes.join('; ')
}

const onlyDescribed = (schema: Schema): boolean =>
  Object.keys(schema).every((key) => /^(default|description|examples|x-.*)$/.test(key))

const fail = (schema: Schema): never => {
  throw new Error(`No type is known for the schema ${JSON.stringify(schema)}`)
}
