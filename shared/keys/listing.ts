/**
 * `api_key.query` over a tenant of any size: reads what filters and options can need, and stops when there
 * is enough. `runQuery` decides, so that the answer is the one over all rows. Only where a row that isn't
 * read would have been an error (`>` on null), there is none.
 */

import type { ApiKeyEntry } from '../methods/key_entry.ts'
import type { Filters } from '../rpc/query/filters.ts'
import { matches } from '../rpc/query/match.ts'
import type { QueryOptions } from '../rpc/query/options.ts'
import { runQuery } from '../rpc/query/query.ts'
import type { Version } from '../rpc/versions.ts'
import type { Service } from '../service.ts'
import { BATCH } from '../store/db.ts'
import type { KeyFacts } from '../store/key-items.ts'
import { apiKeyEntry } from './entry.ts'
import { firstConditionsOn, namesIn, numbersIn, ownerIn } from './narrow.ts'

export type Asked = {
  readonly tenant: number
  readonly version: Version
  readonly filters: Filters
  readonly options: QueryOptions
}
type Deps = Pick<Service, 'keys' | 'users' | 'tenants'>

export const listKeys = async (deps: Deps, asked: Asked) => {
  const { tenant, filters, options } = asked
  if (options.count && filters.length === 0) {
    const count = await deps.tenants.keyCount(tenant)
    if (count !== null) return count
  }
  return runQuery(await matching(deps, asked), filters, options)
}

// ---------------------------------------------------------------------------------------------

type Pages = AsyncGenerator<KeyFacts[]>
type Order = {
  readonly by: 'id' | 'name'
  readonly isDescending: boolean
  /** How many matches will do, the first ones in this order. */
  readonly wanted: number
}

/** Rows for each that is wanted that are looked up by name: so many cost more than to read all. */
const LOOKED_UP = 5

const matching = async (deps: Deps, asked: Asked): Promise<ApiKeyEntry[]> => {
  const order = orderOf(asked)
  const numbers = await onlyNumbers(deps, asked)
  if (numbers === null && order.by === 'name') {
    const most = order.wanted * LOOKED_UP + BATCH
    const rows = await collect(byName(deps, asked, order), asked, order.wanted, most)
    if (rows !== null) return rows
  }
  // By name, all of them are sorted; in the order of numbers, as those that compare equal stay in it.
  const { wanted, isDescending } =
    order.by === 'id' ? order : { wanted: Number.POSITIVE_INFINITY, isDescending: false }
  const range = numbersIn(asked.filters, asked.tenant)
  if (range === null) return []
  const pages =
    numbers === null
      ? deps.keys.inRange(asked.tenant, range, { wanted, isDescending })
      : deps.keys.inParts(asked.tenant, isDescending ? numbers.toReversed() : numbers, wanted)
  return (await collect(pages, asked, wanted)) ?? []
}

/** The rows that match, until there are enough. @returns null if `most` rows have none too many. */
const collect = async (
  pages: Pages,
  { filters, version }: Asked,
  wanted: number,
  most = Number.POSITIVE_INFINITY,
): Promise<ApiKeyEntry[] | null> => {
  const isMatch = matches(filters)
  const found: ApiKeyEntry[] = []
  let seen = 0
  for await (const keys of pages) {
    for (const key of keys) {
      const row = apiKeyEntry(key, version)
      if (isMatch(row) && found.push(row) >= wanted) return found
    }
    seen += keys.length
    if (seen > most) return null
  }
  return found
}

/** In which order the first matches are the answer; how many of them `runQuery` takes. */
const orderOf = ({ filters, options }: Asked): Order => {
  const all: Order = { by: 'id', isDescending: false, wanted: Number.POSITIVE_INFINITY }
  const { get, count, offset, limit, order_by, select } = options
  const [key] = order_by
  const findsFirst = get && filters.length > 0 && key === undefined
  const some = limit === 0 ? all.wanted : offset + limit
  const wanted = get ? 1 : some
  if (count && !findsFirst) return all
  if (key === undefined) return { ...all, wanted }
  const by = key.path.length === 1 ? key.path[0] : undefined
  if (order_by.length > 1 || (by !== 'id' && by !== 'name') || !shows(select, by)) return all
  return by === 'name' && wanted === all.wanted
    ? all
    : { by, isDescending: key.isDescending, wanted }
}

/** Whether a field is in what is sorted, which is what `select` makes, as itself. */
const shows = (select: QueryOptions['select'], field: string): boolean => {
  const into = select.filter(({ path, as }) => (as ?? path[0]) === field)
  return select.length === 0 || (into.length > 0 && into.every(({ path }) => path[0] === field))
}

/** The keys that alone can match, where filters name them: by id, by name, or by their user. */
const onlyNumbers = async (
  { keys, users }: Deps,
  { tenant, filters }: Asked,
): Promise<readonly number[] | null> => {
  const range = numbersIn(filters, tenant)
  const names = namesIn(filters)
  if (range === null || names === null) return []
  if (range.only !== null) return range.only
  const isWithin = (n: number): boolean => n >= range.from && n <= range.to
  const inOrder = (numbers: readonly number[]): number[] =>
    numbers.filter(isWithin).sort((a, b) => a - b)
  if (names.only !== null) return inOrder(await keys.numbersOf(tenant, names.only))
  const owner = ownerIn(filters)
  if (owner === null) return null
  // While a user is being deleted he is still there; once he isn't, none of his keys has his name.
  const user = await users.get(tenant, owner)
  return user === null ? [] : inOrder(await keys.ownedBy(tenant, user.uid))
}

/** Keys in the order of their names. */
async function* byName({ keys }: Deps, { tenant, filters }: Asked, order: Order): Pages {
  const range = namesIn(filters)
  if (range === null) return
  const isNamed = matches(firstConditionsOn(filters, 'name'))
  for await (const page of keys.named(tenant, range, order)) {
    const named = page.filter(({ name }) => isNamed({ name }))
    for (let at = 0; at < named.length; at += BATCH) {
      const part = named.slice(at, at + BATCH)
      const nameOf = new Map(part.map(({ n, name }) => [n, name]))
      const found = await keys.byNumbers(tenant, [...nameOf.keys()])
      // One that was renamed since its name was read stands elsewhere by now: it may be missing from this
      // answer, but no key is in it, or skipped for it, in a wrong place.
      yield found.filter((key) => key.name === nameOf.get(key.n))
    }
  }
}
