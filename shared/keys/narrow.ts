/**
 * What a query's filters leave of a tenant's keys, as far as the table can read just that: never less than
 * matches, and often hardly more. The filters themselves still decide, row by row.
 */
import { USERNAME } from '../auth/names.ts'
import type { FieldFilter, Filter, Filters } from '../rpc/query/filters.ts'
import { compare } from '../rpc/query/values.ts'
import type { Names, Numbers } from '../store/key-lists.ts'
import { KEYS_PER_TENANT } from './key.ts'

/** A range; or of that, one by one, all that can match. Null: nothing can. */
export type Narrowed<R, T> = (R & { readonly only: readonly T[] | null }) | null

/** The conditions that every match meets in a field, by its plain name. */
export const conditionsOn = (filters: Filters, field: string): FieldFilter[] =>
  filters.filter((filter): filter is FieldFilter => isOn(filter, field))

/** Those of the conditions that come before all others, so that no row is judged by them in vain. */
export const firstConditionsOn = (filters: Filters, field: string): Filters => {
  const end = filters.findIndex((filter) => !isOn(filter, field))
  return end === -1 ? filters : filters.slice(0, end)
}

/** Numbers of the tenant's keys, by conditions on `id`. Ids of other tenants are no numbers of his. */
export const numbersIn = (filters: Filters, tenant: number): Narrowed<Numbers, number> => {
  const base = tenant * KEYS_PER_TENANT
  const conditions = conditionsOn(filters, 'id')
  let from = 1
  let to = KEYS_PER_TENANT - 1
  for (const { operator, value } of conditions) {
    // As they are compared: `true` is 1.
    const bound = typeof value === 'boolean' ? Number(value) : value
    if (typeof bound !== 'number') continue
    if (operator === '>') from = Math.max(from, Math.floor(bound) + 1 - base)
    if (operator === '>=') from = Math.max(from, Math.ceil(bound) - base)
    if (operator === '<') to = Math.min(to, Math.ceil(bound) - 1 - base)
    if (operator === '<=') to = Math.min(to, Math.floor(bound) - base)
  }
  if (from > to) return null
  const ids = onlyOf(conditions, (value) => typeof value === 'number')
  const numbers = ids?.map((id) => id - base).filter((n) => Number.isInteger(n))
  const only = numbers?.filter((n) => n >= from && n <= to).sort((a, b) => a - b) ?? null
  return only?.length === 0 ? null : { from, to, only }
}

/** Names of keys, by conditions on `name`. */
export const namesIn = (filters: Filters): Narrowed<Names, string> => {
  const conditions = conditionsOn(filters, 'name')
  let from: string | null = null
  let to: string | null = null
  for (const { operator, value } of conditions) {
    if (!isName(value)) continue
    const isLeast = operator === '>' || operator === '>=' || operator === '^'
    if (isLeast && (from === null || compare(value, '>', from))) from = value
    const most = operator === '<' || operator === '<=' ? value : null
    const last = operator === '^' ? value + LAST : most
    if (last !== null && (to === null || compare(last, '<', to))) to = last
  }
  if (from !== null && to !== null && compare(from, '>', to)) return null
  const only = onlyOf(conditions, isName)
  return only?.length === 0 ? null : { from, to, only }
}

/** The one user whose keys can match. Not for '': in 25.04, that stands for no user. */
export const ownerIn = (filters: Filters): string | null => {
  const names = onlyOf(
    conditionsOn(filters, 'username').filter(({ operator }) => operator === '='),
    (value) => typeof value === 'string',
  )
  return names?.length === 1 && USERNAME.test(names[0] ?? '') ? (names[0] ?? null) : null
}

// ---------------------------------------------------------------------------------------------

/** As long as a name may be. Beyond that, bounds would outgrow DynamoDB's sort keys, of 1024 bytes. */
const LONGEST = 200
/** Behind it, no name goes on. */
const LAST = '\u{10ffff}'.repeat(LONGEST / 2)

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= LONGEST && value.isWellFormed()

const isOn = (filter: Filter, field: string): boolean =>
  filter.kind === 'field' && filter.path.length === 1 && filter.path[0] === field

/** The values that `=` and `in` leave, each once; null where there is no such condition. */
const onlyOf = <T>(
  conditions: readonly FieldFilter[],
  isOne: (value: unknown) => value is T,
): T[] | null => {
  const lists = conditions.flatMap(({ operator, value }): unknown[][] => {
    if (operator === '=') return [[value]]
    return operator === 'in' && Array.isArray(value) ? [value] : []
  })
  const [first, ...others] = lists.map((list) => new Set(list.filter(isOne)))
  return first === undefined
    ? null
    : [...first].filter((value) => others.every((other) => other.has(value)))
}
