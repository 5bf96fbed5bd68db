/** JSON Schemas as tables: a row for each member, those within members behind a dot. */
import type { Child, FC } from 'hono/jsx'
import type { Extension } from '../../shared/domain/versions.ts'
import type { Schema } from './of-version.ts'
import { Ours, Prose, Table } from './parts.tsx'
import { meaningOf } from './texts/fields.ts'
import { limitsOf, objectsIn, typeOf } from './types.ts'

type Shown = {
  /** None for routes, whose members all say what they mean. */
  readonly method?: string
  readonly schema: Schema
  /** True for what a caller sends. */
  readonly isInput?: boolean
  readonly caption: string
}

type Row = Required<Pick<Shown, 'schema' | 'isInput'>> & {
  readonly path: string
  readonly isRequired: boolean
}

/** The members of an object, of the objects in a list, or of each choice of several objects. */
export const Members: FC<Shown> = ({ method = '', schema, isInput = false, caption }) => {
  const objects = objectsIn(schema)
  return (
    <>
      {objects.map((object) => {
        const kind = objects.length > 1 ? kindOf(object) : null
        const rows = rowsOf(method, object, isInput, '')
        const title = kind === null ? caption : `${caption}: ${kind}`
        return rows.length === 0 ? null : (
          <Table caption={title} head={headOf(isInput)} rows={rows} />
        )
      })}
    </>
  )
}

export const headOf = (isInput: boolean): readonly string[] =>
  isInput
    ? ['Name', 'Type', 'Required; default', 'Meaning']
    : ['Name', 'Type', 'Always there', 'Meaning']

/** One value, in a row of a table. */
export const memberRow = (method: string, { path, schema, isInput, isRequired }: Row): Child[] => {
  const { description, default: fallback } = schema as { description?: string; default?: unknown }
  const limits = limitsOf(schema)
  const meaning = description ?? meaningOf(method, path)
  const extension = extensionOf(schema)
  return [
    <code>{broken(path)}</code>,
    typeOf(schema),
    isRequired ? (
      'yes'
    ) : (
      <>
        no
        {isInput && fallback !== undefined && (
          <>
            ; <code>{JSON.stringify(fallback)}</code>
          </>
        )}
      </>
    ),
    <>
      {extension && (
        <>
          <Ours {...extension} />{' '}
        </>
      )}
      {meaning !== undefined && <Prose text={sentence(meaning)} />}
      {limits !== '' && <span class="limits"> {sentence(limits)}</span>}
    </>,
  ]
}

/** Every member that tables of the schema show, with what it is said to mean. */
export const membersOf = (schema: Schema): { name: string; schema: Schema }[] =>
  objectsIn(schema).flatMap(({ properties = {} }) =>
    Object.entries(properties as Record<string, Schema>).flatMap(([name, member]) => [
      { name, schema: member },
      ...membersOf(member),
    ]),
  )

/** Of a parameter or member that TrueNAS doesn't have. */
export const extensionOf = (schema: Schema): Extension | undefined =>
  schema['x-extension'] as Extension | undefined

// ---------------------------------------------------------------------------------------------

/** The member that tells one choice from the others. */
const kindOf = ({ properties = {} }: Schema): string => {
  const constant = Object.entries(properties as Record<string, Schema>).find(
    ([, member]) => 'const' in member,
  )
  return constant === undefined ? 'object' : `${constant[0]} is ${constant[1].const}`
}

const rowsOf = (method: string, object: Schema, isInput: boolean, before: string): Child[][] => {
  const { properties = {}, required = [] } = object as {
    properties?: Record<string, Schema>
    required?: readonly string[]
  }
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = before + name
    const isRequired = required.includes(name)
    const isList = schema.type === 'array'
    return [
      memberRow(method, { path, schema, isInput, isRequired }),
      ...objectsIn(schema).flatMap((inner) =>
        rowsOf(method, inner, isInput, `${path}${isList ? '[]' : ''}.`),
      ),
    ]
  })
}

/** A long path may be broken at its dots. */
const broken = (path: string): Child[] =>
  path.split('.').flatMap((step, at) => (at === 0 ? [step] : ['.', <wbr />, step]))

const sentence = (text: string): string => {
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
