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
  let span: NameSpan = { from: '', to: null }
  for (const filter of filters) {
    const { operator, value } = isOn(filter, 'name') ? filter : NO_CONDITION
    if (!isKeyName(value)) return null
    if (operator === '>' || operator === '>=') span = later(span, value)
    else if (operator === '<' || operator === '<=') span = earlier(span, value)
    else if (operator === '^') span = earlier(later(span, value), value + LAST)
    else return null
  }
  return span
}

/** Whether a span holds no name: DynamoDB refuses such a query. */
export const isNone = ({ from, to }: NameSpan): boolean => to !== null && isBefore(to, from)

/** True if filters are on `id` alone, and by order: then every key in their span matches. */
export const isSpanOnly = (filters: Filters): boolean =>
  filters.every(
    (filter) =>
      isOn(filter, 'id') && typeof filter.value === 'number' && /^[<>]=?$/.test(filter.operator),
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

export type Order = { readonly by: 'id' | 'name'; readonly descending: boolean }

/** The order in which rows are asked for, if the table has it; else null. */
export const orderOf = ({ order_by, select }: QueryOptions): Order | null => {
  const [key = BY_ID, ...more] = order_by
  const by = key.path.length === 1 ? key.path[0] : undefined
  if (more.length > 0 || (by !== 'id' && by !== 'name')) return null
  // `select` comes before the sort, and may remove the field or replace it.
  const isThere =
    select.length === 0 ||
    (select.some(({ path, as }) => as === null && path.length === 1 && path[0] === by) &&
      select.every(({ as }) => as !== by))
  return order_by.length === 0 || isThere ? { by, descending: key.isDescending } : null
}

// ---------------------------------------------------------------------------------------------

const BY_ID = { path: ['id'], isDescending: false } as const
const NO_CONDITION = { operator: null, value: null }

const isOn = (filter: Filters[number], field: string): filter is FieldFilter =>
  filter.kind === 'field' && filter.field === field

const conditionsOn = (filters: Filters, field: string): FieldFilter[] =>
  filters.filter((filter) => isOn(filter, field))

/** Longest name, in UTF-16 units (`KeyName`); and a suffix that sorts after all others. */
const LONGEST = 200
const LAST = '\u{10ffff}'.repeat(LONGEST / 2)

const later = (span: NameSpan, from: string): NameSpan =>
  isBefore(span.from, from) ? { ...span, from } : span

const earlier = (span: NameSpan, to: string): NameSpan =>
  span.to === null || isBefore(to, span.to) ? { ...span, to } : span

/** In DynamoDB's order of sort keys: by UTF-8 bytes. */
const isBefore = (a: string, b: string): boolean =>
  Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
