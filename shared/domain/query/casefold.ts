/** Case folding for the operators that begin with `C` (docs/protocol/queries.md §6.1), as Python's `str.casefold`. */
import { typeError, typeName } from './values.ts'

/** Folds a text or a list of texts; null stays null. @throws Fault NOT_COMPARABLE for the rest. */
export const casefold = (value: unknown): unknown => {
  if (value === null) return null
  if (typeof value === 'string') return foldText(value)
  if (Array.isArray(value)) return value.map(foldItem)
  return typeError(
    `<class '${typeName(value)}'>: support for casefolding object type not implemented.`,
  )
}

// ---------------------------------------------------------------------------------------------

const foldItem = (item: unknown): string =>
  typeof item === 'string'
    ? foldText(item)
    : typeError(`'${typeName(item)}' object has no attribute 'casefold'`)

/**
 * By way of the capital, so that ß is ss and ς is σ. Only the lower case of Σ hangs on its neighbours; ı alone is no
 * lower case of I. Checked against Python for all of Unicode: equal but for Cherokee's direction.
 */
const foldText = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  /^[\x00-\x7f]*$/.test(text) ? text.toLowerCase() : text.split('ı').map(foldPart).join('ı')

const foldPart = (text: string): string =>
  text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ')
