/** Python's `in`, for the operators `in`, `nin`, `rin` and `rnin` (docs/protocol/queries.md §6.1). */
import { equal, isDict, own, typeError, typeName } from './values.ts'

/** Whether a list or set has the item, a text has the part or a dict has the member. */
export const contains = (container: unknown, item: unknown): boolean => {
  if (Array.isArray(container)) return container.some((other) => equal(other, item))
  if (typeof container === 'string')
    return typeof item === 'string'
      ? container.includes(item)
      : typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`)
  if (!(container instanceof Set) && !isDict(container))
    return typeError(`argument of type '${typeName(container)}' is not iterable`)
  if (Array.isArray(item) || isDict(item)) typeError(`unhashable type: '${typeName(item)}'`)
  if (container instanceof Set) return [...container].some((other) => equal(other, item))
  return typeof item === 'string' && own(container, item) !== undefined
}

/** {@link contains} for many items: a long list of ids isn't walked for each row. */
export const memberOf = (container: unknown): ((item: unknown) => boolean) => {
  if (!Array.isArray(container)) return (item) => contains(container, item)
  const texts = new Set(container.filter((item) => typeof item === 'string'))
  const numbers = new Set(container.filter(isNumeric).map(Number))
  const rest = container.filter((item) => typeof item !== 'string' && !isNumeric(item))
  return (item) => {
    if (typeof item === 'string') return texts.has(item)
    return isNumeric(item) ? numbers.has(Number(item)) : contains(rest, item)
  }
}

// ---------------------------------------------------------------------------------------------

const isNumeric = (value: unknown): value is number | boolean =>
  typeof value === 'number' || typeof value === 'boolean'
