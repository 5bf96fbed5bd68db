/** A JSON Schema in words: what a value is, which members it has, what they may be. */
import type { Schema } from '../../shared/docs/of-version.ts'

/** What a value is: `text, at most 200 characters`. */
export const typeText = (schema: Schema): string => {
  const { type, const: only, enum: among, anyOf, oneOf, items, format } = schema
  if (only !== undefined) return JSON.stringify(only)
  if (Array.isArray(among)) return among.map((one) => JSON.stringify(one)).join(' | ')
  const choices = (anyOf ?? oneOf) as Schema[] | undefined
  if (choices !== undefined) return [...new Set(choices.map(typeText))].join(' | ')
  if (typeof format === 'string' && format.startsWith('ejson')) return TAGGED[format] ?? format
  if (type === 'array')
    return Array.isArray(items) || !items ? 'list' : `list of ${typeText(items as Schema)}`
  return TYPES[String(type)] ?? 'anything'
}

/** Limits and default of a value. */
export const limitsText = (schema: Schema): string => {
  const { minimum, maximum, minLength, maxLength, maxItems, default: byDefault } = schema
  const isWide = (limit: unknown): boolean => Math.abs(Number(limit)) >= Number.MAX_SAFE_INTEGER
  return [
    minimum !== undefined && !isWide(minimum) && `at least ${minimum}`,
    maximum !== undefined && !isWide(maximum) && `at most ${maximum}`,
    minLength !== undefined && `at least ${minLength} character${minLength === 1 ? '' : 's'}`,
    maxLength !== undefined && `at most ${maxLength} characters`,
    maxItems !== undefined && `at most ${maxItems} items`,
    byDefault !== undefined && `default ${JSON.stringify(byDefault)}`,
  ]
    .filter((limit) => typeof limit === 'string')
    .join(', ')
}

type Props = { readonly caption: string; readonly schema: Schema }

/** Tables of all members, those of members too; nothing for what has none. */
export const Members = ({ caption, schema }: Props) => (
  <>
    {shapesOf(schema).map(({ name, properties, required }) => (
      <div class="wide" tabindex={0}>
        <table>
          <caption>{name === null ? caption : `${caption}: ${name}`}</caption>
          <thead>
            <tr>
              <th scope="col">Member</th>
              <th scope="col">Type</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>{rowsOf(properties, required, '').map((row) => row)}</tbody>
        </table>
      </div>
    ))}
  </>
)

export const Ours = () => <span class="badge">ours</span>

// ---------------------------------------------------------------------------------------------

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true | false',
  null: 'null',
  object: 'object',
}

const TAGGED: Readonly<Record<string, string>> = {
  'ejson $date': '{"$date": milliseconds}',
  'ejson $set': '{"$set": list}',
}

type Members = Readonly<Record<string, Schema>>
type Shape = {
  readonly name: string | null
  readonly properties: Members
  readonly required: readonly string[]
}

/** The objects that a value can be; of several, each with what tells it from the others. */
const shapesOf = (schema: Schema): Shape[] => {
  const { anyOf, oneOf, items, properties, required = [], format } = schema
  const choices = (anyOf ?? oneOf) as Schema[] | undefined
  if (choices !== undefined) {
    const shapes = choices.flatMap(shapesOf)
    // Rows, a row, parts of it: one table is enough for them.
    return shapes.filter((shape, at) => shapes.findIndex((one) => isSame(one, shape)) === at)
  }
  if (items !== undefined && !Array.isArray(items)) return shapesOf(items as Schema)
  if (properties === undefined || format !== undefined) return []
  const members = properties as Members
  const mark = Object.entries(members).find(([, { const: only }]) => only !== undefined)
  const name = mark === undefined ? null : `${mark[0]} ${JSON.stringify(mark[1].const)}`
  return [{ name, properties: members, required: required as string[] }]
}

const isSame = (a: Shape, b: Shape): boolean =>
  a.name === b.name && Object.keys(a.properties).join() === Object.keys(b.properties).join()

const rowsOf = (members: Members, required: readonly string[], path: string) =>
  Object.entries(members).flatMap(([name, schema]): unknown[] => [
    <tr>
      <th scope="row">
        <code>{path + name}</code>
      </th>
      <td>
        {typeText(schema)}
        {!required.includes(name) && <span class="muted"> (may be absent)</span>}
      </td>
      <td>
        {schema['x-extension'] === true && <Ours />}{' '}
        {[schema.description, limitsText(schema)].filter(Boolean).join('; ')}
      </td>
    </tr>,
    ...shapesOf(schema).flatMap((shape) =>
      rowsOf(shape.properties, shape.required, `${path}${name}.`),
    ),
  ]) as never[]
