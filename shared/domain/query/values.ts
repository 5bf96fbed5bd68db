/**
 * Values as Python has them (docs/protocol/queries.md §6.1): which are equal, which have an order, and what they
 * are called in a TypeError. `1 == true` holds, `1 == "1"` doesn't, and null has no order at all.
 */

import { Tagged } from '../ejson.ts'
import { Fault } from '../fault.ts'

export type Dict = Readonly<Record<string, unknown>>

/** A plain object. Instances of classes are scalars: no path and no comparison looks into them. */
export const isDict = (value: unknown): value is Dict => {
  if (value === null || typeof value !== 'object') return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** An own member; undefined if there is none, whatever the prototype may have. */
export const own = (dict: Dict, name: string): unknown =>
  Object.hasOwn(dict, name) ? dict[name] : undefined

/** What Python does with a value that an operator can't take: −32001 with its own text. */
export const typeError = (detail: string): never => {
  throw new Fault('NOT_COMPARABLE', { detail })
}

const TAGGED_TYPES: Readonly<Record<Tagged['kind'], string>> = {
  time: 'datetime.time',
  date: 'datetime.date',
  ipv4_interface: 'IPv4Interface',
  ipv6_interface: 'IPv6Interface',
}

/** The name of a value's type in Python. */
export const typeName = (value: unknown): string => {
  if (value === null || value === undefined) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Date) return 'datetime.datetime'
  if (value instanceof Set) return 'set'
  if (value instanceof Tagged) return TAGGED_TYPES[value.kind]
  return isDict(value) ? 'dict' : 'object'
}

/** Python's `==`: numbers with booleans, datetimes by moment, lists, sets and dicts by content. */
export const equal = (left: unknown, right: unknown): boolean => {
  const x = plain(left)
  const y = plain(right)
  if (x === y) return true
  if (x instanceof Date) return y instanceof Date && x.getTime() === y.getTime()
  if (x instanceof Tagged) return y instanceof Tagged && x.kind === y.kind && x.text === y.text
  if (Array.isArray(x))
    return Array.isArray(y) && x.length === y.length && x.every((item, at) => equal(item, y[at]))
  if (x instanceof Set) return y instanceof Set && x.size === y.size && isSubset(x, y)
  if (!isDict(x) || !isDict(y)) return false
  const names = present(x)
  return (
    names.length === present(y).length &&
    names.every((name) => own(y, name) !== undefined && equal(x[name], y[name]))
  )
}

export type Comparison = '<' | '<=' | '>' | '>='

/** Python's ordering. @throws Fault NOT_COMPARABLE for what has no order. */
export const compare = (left: unknown, symbol: Comparison, right: unknown): boolean => {
  const x = plain(left)
  const y = plain(right)
  if (typeof x === 'number' && typeof y === 'number') return holds(symbol, x < y, x === y)
  if (typeof x === 'string' && typeof y === 'string') return holds(symbol, isBefore(x, y), x === y)
  if (x instanceof Date && y instanceof Date)
    return holds(symbol, x.getTime() < y.getTime(), x.getTime() === y.getTime())
  if (x instanceof Tagged && y instanceof Tagged && x.kind === y.kind)
    return holds(symbol, x.text < y.text, x.text === y.text)
  if (x instanceof Set && y instanceof Set)
    return symbol.startsWith('<')
      ? isSubset(x, y) && (symbol === '<=' || x.size < y.size)
      : isSubset(y, x) && (symbol === '>=' || y.size < x.size)
  if (Array.isArray(x) && Array.isArray(y)) {
    const at = x.findIndex((item, index) => index >= y.length || !equal(item, y[index]))
    return at === -1 || at >= y.length
      ? holds(symbol, x.length < y.length, x.length === y.length)
      : compare(x[at], symbol, y[at])
  }
  return typeError(
    `'${symbol}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`,
  )
}

// ---------------------------------------------------------------------------------------------

const plain = (value: unknown): unknown =>
  typeof value === 'boolean' ? Number(value) : (value ?? null)

const present = (dict: Dict): string[] =>
  Object.keys(dict).filter((name) => dict[name] !== undefined)

const isSubset = (x: ReadonlySet<unknown>, y: ReadonlySet<unknown>): boolean =>
  [...x].every((item) => y.has(item) || [...y].some((other) => equal(item, other)))

const holds = (symbol: Comparison, isLess: boolean, isEqual: boolean): boolean => {
  switch (symbol) {
    case '<':
      return isLess
    case '<=':
      return isLess || isEqual
    case '>':
      return !isLess && !isEqual
    case '>=':
      return !isLess
  }
}

/** By code points, as Python; JavaScript's `<` would put 😀 (a surrogate pair) before U+FFFD. */
const isBefore = (x: string, y: string): boolean => {
  let at = 0
  while (at < x.length && x[at] === y[at]) at += 1
  return rank(x.charCodeAt(at)) < rank(y.charCodeAt(at))
}

/** A UTF-16 unit's place in the order of code points: surrogates last, the end of the text first. */
const rank = (unit: number): number => {
  if (Number.isNaN(unit)) return -1
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
