/**
 * The operators of filters (docs/protocol/queries.md §6.1). Each takes the filter's value once and gives the test
 * of a field's value; missing fields never get here. "Null field: `=`, `!=`, `in` work; `nin`,
 * `rin`, `rnin`, `^`, `$` families never match; `>`/`<` raise a type error".
 */
import { casefold } from './casefold.ts'
import { contains, memberOf } from './contains.ts'
import { type Comparison, compare, equal, isDict, typeError, typeName } from './values.ts'

/** @throws Fault NOT_COMPARABLE where Python raises a TypeError. */
export type Test = (source: unknown) => boolean
type Operator = (value: unknown) => Test

/** All operators but `~`, whose value must be compiled (`pattern.ts`). */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['=', (value) => (source) => equal(source, value)],
  ['!=', (value) => (source) => !equal(source, value)],
  ['>', ordered('>')],
  ['>=', ordered('>=')],
  ['<', ordered('<')],
  ['<=', ordered('<=')],
  ['in', memberOf],
  [
    'nin',
    (value) => {
      const isMember = memberOf(value)
      return (source) => source !== null && !isMember(source)
    },
  ],
  ['rin', (value) => (source) => source !== null && contains(source, value)],
  ['rnin', (value) => (source) => source !== null && !contains(source, value)],
  ['^', (value) => (source) => source !== null && affix(source, 'startswith', value)],
  ['!^', (value) => (source) => source !== null && !affix(source, 'startswith', value)],
  ['$', (value) => (source) => source !== null && affix(source, 'endswith', value)],
  ['!$', (value) => (source) => source !== null && !affix(source, 'endswith', value)],
])

/** The `C` form: "case-folds both sides". Only as a row is met, as what can't be folded is an error. */
export const folded = (operator: Operator, value: unknown): Test => {
  let test: Test | null = null
  return (source) => {
    const folded = casefold(source)
    test ??= operator(casefold(value))
    return test(folded)
  }
}

/** `~`: "null treated as ''", and so is all that is false in Python. */
export const matching =
  (matches: (text: string) => boolean): Test =>
  (source) => {
    if (isFalse(source)) return matches('')
    return typeof source === 'string'
      ? matches(source)
      : typeError(`expected string or bytes-like object, got '${typeName(source)}'`)
  }

// ---------------------------------------------------------------------------------------------

function ordered(symbol: Comparison): Operator {
  return (value) => (source) => compare(source, symbol, value)
}

const affix = (source: unknown, which: 'startswith' | 'endswith', value: unknown): boolean => {
  if (typeof source !== 'string')
    return typeError(`'${typeName(source)}' object has no attribute '${which}'`)
  if (typeof value !== 'string')
    return typeError(`${which} first arg must be str or a tuple of str, not ${typeName(value)}`)
  return which === 'startswith' ? source.startsWith(value) : source.endsWith(value)
}

const isFalse = (value: unknown): boolean =>
  !value ||
  (Array.isArray(value) && value.length === 0) ||
  (value instanceof Set && value.size === 0) ||
  (isDict(value) && Object.keys(value).length === 0)
