/** JSON Schemas in words: of which type a value is, and within which limits. */
import type { Schema } from './of-version.ts'

export const typeOf = (schema: Schema): string => {
  const { type, format, anyOf, oneOf, enum: values, items } = schema
  if ('const' in schema) return JSON.stringify(schema.const)
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' or ')
  const choices = anyOf ?? oneOf
  if (Array.isArray(choices)) return [...new Set(choices.map(typeOf))].join(' or ')
  if (Array.isArray(type)) return type.join(' or ')
  if (format === 'ejson $date') return 'date'
  if (format === 'ejson $set') return `set of ${plural(itemsOf(schema.additionalProperties))}`
  if (type === 'array') return `list of ${plural(items)}`
  return typeof type === 'string' ? type : 'anything'
}

/** Limits that the service enforces; those of whole numbers in JavaScript are none of its own. */
export const limitsOf = (schema: Schema): string => {
  const limits = Object.entries(UNITS).flatMap(([key, unit]) => {
    const limit = schema[key]
    return typeof limit === 'number' && Math.abs(limit) < Number.MAX_SAFE_INTEGER
      ? [unit(limit)]
      : []
  })
  return limits.join(', ')
}

/** The objects that a value of the schema can be, or be a list of. */
export const objectsIn = (schema: Schema): readonly Schema[] => {
  const { type, anyOf, oneOf, items, properties } = schema
  if (type === 'object' && properties !== undefined) return [schema]
  if (type === 'array') return isSchema(items) ? objectsIn(items) : []
  const choices = anyOf ?? oneOf
  return Array.isArray(choices) ? choices.flatMap(objectsIn) : []
}

// ---------------------------------------------------------------------------------------------

const UNITS: Readonly<Record<string, (limit: number) => string>> = {
  minLength: (least) => `at least ${least} character${least === 1 ? '' : 's'}`,
  maxLength: (most) => `at most ${most} characters`,
  minItems: (least) => `at least ${least}`,
  maxItems: (most) => `at most ${most}`,
  minimum: (least) => `${least} or more`,
  maximum: (most) => `at most ${most}`,
}

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null

const itemsOf = (list: unknown): unknown => (isSchema(list) ? list.items : undefined)

const plural = (items: unknown): string => {
  const type = isSchema(items) ? typeOf(items) : 'anything'
  return /^(string|integer|number|object|date)$/.test(type) ? `${type}s` : type
}
