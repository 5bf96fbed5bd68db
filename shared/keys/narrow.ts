/**
 * What the filters and options of `api_key.query` mean for reading: which keys can match at all, and whether
 * reading may stop early. It only ever leaves out keys that can't be in the answer; what matches, the
 * query decides.
 */

import { idOf, KEYS_PER_TENANT } from '../domain/key.ts'
import { USERNAME } from '../domain/names.ts'
import type { FieldFilter, Filters } from '../domain/query/filters.ts'
import type { QueryOptions } from '../domain/query/options.ts'

/** What a caller asks for, of what their tenant has. */
export type QueryOfTenant = {
  readonly tenant: number
  readonly filters: Filters
  readonly options: QueryOptions
}

/** Numbers of keys, both ends included. */
export type Span = { readonly from: number; readonly to: number }

/** Names in their order, both ends included; `to` null: up to the last. */
export type NameSpan = { readonly from: string; readonly to: string | null }

/** The numbers that top-level conditions on `id` leave. None where `from` is beyond `to`. */
export const spanOf = (filters: Filters, tenant: number): Span => {
  const base = idOf({ tenant, n: 0 })
  let from = 1
  let to = KEYS_PER_TENANT - 1
  for (const { operator, value } of conditionsOn(filters, 'id')) {
    if (typeof value !== 'number') continue
    const n = value - base
    if (operator === '>') from = Math.max(from, Math.floor(n) + 1)
    if (operator === '>=') from = Math.max(from, Math.ceil(n))
    if (operator === '<') to = Math.min(to, Math.ceil(n) - 1)
    if (operator === '<=') to = Math.min(to, Math.floor(n))
  }
  return { from, to }
}

/** The one user whose keys can match; null if that isn't known. */
export const soleOwner = (filters: Filters): string | null => {
  const found = conditionsOn(filters, 'username').find(
    // A name that no user can have may still be shown by a key of a deleted user.
    ({ operator, value }) => operator === '=' && typeof value === 'string' && USERNAME.test(value),
  )
  return found === undefined ? null : (found.value as string)
}

/** The names that can match, if all filters are such conditions; else null. */
export const nameSpanOf = (filters: Filters): NameSpan | null => {
  let span: NameSpan = ALL_NAMES
  for (const filter of filters) {
    const narrower = isOn(filter, 'name') ? narrowed(span, filter) : null
    if (narrower === null) return null
    span = narrower
  }
  return span
}

/** The names that conditions on a field leave; other filters may leave fewer. */
export const spanOfNames = (filters: Filters, field: string): NameSpan =>
  conditionsOn(filters, field).reduce((span, filter) => narrowed(span, filter) ?? span, ALL_NAMES)

/** Whether a span holds no name: DynamoDB refuses such a query. */
export const isNone = ({ from, to }: NameSpan): boolean => to !== null && isBefore(to, from)

/** True if filters are on `id` alone, and by order: then every key in their span matches. */
export const isSpanOnly = (filters: Filters): boolean => filters.every(isOfSpan)

/** The same of filters that name an owner besides: every key of theirs in the span matches. */
export const isOwnersSpanOnly = (filters: Filters, owner: string): boolean =>
  filters.every(
    (filter) =>
      isOfSpan(filter) ||
      (isOn(filter, 'username') && filter.operator === '=' && filter.value === owner),
  )

/** How many matches are wanted if they come in order; null: all of them. */
export const wantedOf = (
  filters: Filters,
  { count, get, order_by, limit, offset }: QueryOptions,
): number | null => {
  // The query stops at its first match, even if it is to count (`runQuery`).
  if (get && filters.length > 0 && order_by.length === 0) return 1
  if (count) return null
  if (get) return 1
  return limit === 0 ? null : offset + limit
}

/** What can be a key's name, and so part of a sort key. */
export const isKeyName = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= LONGEST && value.isWellFormed()

export type Order<F> = { readonly by: F; readonly descending: boolean }

/**
 * The order in which rows are asked for, if the table has it; else null.
 * @param fields by which the table has an order; the first is the one of rows that are asked for in none.
 */
export const orderOf = <F extends string>(
  { order_by, select }: QueryOptions,
  fields: readonly [F, ...F[]],
): Order<F> | null => {
  const [key = { path: [fields[0]], isDescending: false }, ...more] = order_by
  const by = key.path.length === 1 ? fields.find((field) => field === key.path[0]) : undefined
  if (more.length > 0 || by === undefined) return null
  // `select` comes before the sort, and may remove the field or replace it.
  const isThere =
    select.length === 0 ||
    (select.some(({ path, as }) => as === null && path.length === 1 && path[0] === by) &&
      select.every(({ as }) => as !== by))
  return order_by.length === 0 || isThere ? { by, descending: key.isDescending } : null
}

// ---------------------------------------------------------------------------------------------

const ALL_NAMES: NameSpan = { from: '', to: null }

const isOn = (filter: Filters[number], field: string): filter is FieldFilter =>
  filter.kind === 'field' && filter.field === field

const isOfSpan = (filter: Filters[number]): boolean =>
  isOn(filter, 'id') && typeof filter.value === 'number' && /^[<>]=?$/.test(filter.operator)

const conditionsOn = (filters: Filters, field: string): FieldFilter[] =>
  filters.filter((filter) => isOn(filter, field))

/** Longest name, in UTF-16 units (`KeyName`); and a suffix that sorts after all others. */
const LONGEST = 200
const LAST = '\u{10ffff}'.repeat(LONGEST / 2)

/** What of a span a condition leaves; null for one that isn't of order. */
const narrowed = (span: NameSpan, { operator, value }: FieldFilter): NameSpan | null => {
  if (!isKeyName(value)) return null
  if (operator === '>' || operator === '>=') return later(span, value)
  if (operator === '<' || operator === '<=') return earlier(span, value)
  return operator === '^' ? earlier(later(span, value), value + LAST) : null
}

const later = (span: NameSpan, from: string): NameSpan =>
  isBefore(span.from, from) ? { ...span, from } : span

const earlier = (span: NameSpan, to: string): NameSpan =>
  span.to === null || isBefore(to, span.to) ? { ...span, to } : span

/** In DynamoDB's order of sort keys: by UTF-8 bytes. */
const isBefore = (a: string, b: string): boolean =>
  Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
