/**
 * One page of a tenant's keys. What the service can't find by its index is looked for in windows of ids:
 * each call reads a bounded part, what was found so far can be shown, and the user sees how far it got.
 */
import type { ApiKey, Filters, QueryOptions } from '../../../client/index.ts'
import { behind, compare, isDirect, type KeyQuery, orderBy } from './key-query.ts'

export type Source = (filters: Filters, options: QueryOptions) => Promise<ApiKey[]>

export type Page = { readonly rows: readonly ApiKey[]; readonly hasMore: boolean }

/** How many ids were looked through. */
export type Progress = { readonly done: number; readonly of: number }

export type Watch = {
  readonly signal: AbortSignal
  /** Called between the calls of a long search, with what it has found. */
  readonly onPart: (rows: readonly ApiKey[], progress: Progress) => void
}

/** Ids that one call looks through. */
export const WINDOW = 5000

export type Place = {
  /** The last key of the page before; null for the first page. */
  readonly after: ApiKey | null
  readonly size: number
  readonly window?: number
}

/**
 * @throws what a call throws, and the signal's reason once it is aborted.
 */
export const fetchPage = async (
  source: Source,
  ask: KeyQuery,
  { after, size, window = WINDOW }: Place,
  watch: Watch,
): Promise<Page> => {
  const owner: Filters = ask.username === null ? [] : [['username', '=', ask.username]]
  const rest = after === null ? [] : behind(ask.sort, after)
  const filters = [...owner, ...ask.filters, ...rest]
  // One more than is shown tells whether there is another page.
  const options = { order_by: orderBy(ask.sort), limit: size + 1 }
  if (isDirect(ask)) return cut(await source(filters, options), size)
  return search(source, ask, { filters, options, size, after, window }, watch)
}

// ---------------------------------------------------------------------------------------------

type Asked = {
  readonly filters: Filters
  readonly options: QueryOptions
  readonly size: number
  readonly after: ApiKey | null
  readonly window: number
}

const cut = (rows: readonly ApiKey[], size: number): Page => ({
  rows: rows.slice(0, size),
  hasMore: rows.length > size,
})

const search = async (
  source: Source,
  { sort }: KeyQuery,
  { filters, options, size, after, window }: Asked,
  { signal, onPart }: Watch,
): Promise<Page> => {
  const byId = sort.field === 'id'
  const span = await ends(source)
  if (span === null) return { rows: [], hasMore: false }
  const windows = windowsOf(span, byId ? after : null, sort.descending, window)
  const total = windows.reduce((sum, [from, to]) => sum + to - from, 0)
  let found: ApiKey[] = []
  let done = 0
  for (const [from, to] of windows) {
    signal.throwIfAborted()
    const rows = await source([['id', '>', from], ['id', '<=', to], ...filters], options)
    signal.throwIfAborted()
    found = [...found, ...rows].sort(compare(sort)).slice(0, size + 1)
    done += to - from
    // In the order of ids, what was found first comes first: the rest needn't be looked at.
    if (byId && found.length > size) break
    onPart(found.slice(0, size), { done, of: total })
  }
  return cut(found, size)
}

/** The least and the greatest id there is; null where there is no key. */
const ends = async (source: Source): Promise<[least: number, greatest: number] | null> => {
  const end = (order: string) => source([], { order_by: [order], limit: 1 })
  const [[first], [last]] = await Promise.all([end('id'), end('-id')])
  return first === undefined || last === undefined ? null : [first.id, last.id]
}

type Window = readonly [above: number, upTo: number]

const windowsOf = (
  [least, greatest]: readonly [number, number],
  after: ApiKey | null,
  descending: boolean,
  size: number,
): Window[] => {
  const low = !descending && after !== null ? after.id : least - 1
  const high = descending && after !== null ? after.id - 1 : greatest
  const windows: Window[] = []
  for (let from = low; from < high; from += size) windows.push([from, Math.min(from + size, high)])
  return descending ? windows.reverse() : windows
}
