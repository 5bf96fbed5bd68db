/** Pages of keys against the service's own query: what they show together is the whole, in order. */
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import type { ApiKey } from '../../client/index.ts'
import { containing, type KeyQuery, type Sort } from '../../portal/src/keys/key-query.ts'
import { fetchPage, type Progress, type Source } from '../../portal/src/keys/page.ts'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { runQuery } from '../../shared/domain/query/query.ts'

const BASE = 1_000_000_000

type Row = Partial<Pick<ApiKey, 'name' | 'username' | 'revoked' | 'expires_at'>>

const entry = (n: number, row: Row = {}): ApiKey => ({
  id: BASE + n,
  name: `key ${n}`,
  username: 'admin',
  user_identifier: 1,
  created_at: new Date(n * 1000),
  expires_at: null,
  local: true,
  revoked: false,
  ...row,
})

/** What the service answers, from rows in memory. */
const sourceOf =
  (rows: readonly ApiKey[]): Source =>
  async (filters, options) =>
    runQuery(rows, QueryFilters.parse(filters), QueryOptions.parse(options)) as ApiKey[]

const never = { signal: new AbortController().signal, onPart: () => undefined }

const allPages = async (source: Source, ask: KeyQuery, size: number, window: number) => {
  const ids: number[] = []
  let after: ApiKey | null = null
  for (;;) {
    const page = await fetchPage(source, ask, { after, size, window }, never)
    ids.push(...page.rows.map(({ id }) => id))
    after = page.rows.at(-1) ?? null
    if (!page.hasMore) return ids
  }
}

const Keys = fc
  .uniqueArray(
    fc.record({
      n: fc.integer({ min: 1, max: 60 }),
      name: fc.string({
        unit: fc.constantFrom('a', 'B', 'é', '😀', '\uffff', '(', '.'),
        maxLength: 3,
      }),
      username: fc.constantFrom('admin', 'Ada', null),
      revoked: fc.boolean(),
      expires_at: fc.constantFrom(null, new Date(1e12), new Date(2e12), new Date(2e12 + 1000)),
    }),
    { selector: ({ n }) => n, maxLength: 40 },
  )
  // Names are unique in a tenant.
  .map((rows) => rows.map(({ n, name, ...row }) => entry(n, { ...row, name: `${name}#${n}` })))
  .map((rows) => rows.sort((a, b) => a.id - b.id))

const Sorts = fc.record<Sort>({
  field: fc.constantFrom('id', 'name', 'username', 'revoked', 'expires_at'),
  descending: fc.boolean(),
})

it('show every key that fits, once, in one order, whatever the size of pages and windows', async () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70 }))
  const texts = fc.constantFrom('', 'a', 'É', '(', 'dm')
  const owners = fc.constantFrom(null, 'admin')
  await fc.assert(
    fc.asyncProperty(Keys, Sorts, sizes, texts, owners, async (keys, sort, sizes, text, owner) => {
      const [size, window] = sizes
      const ask: KeyQuery = { username: owner, filters: containing(text), sort }
      const ids = await allPages(sourceOf(keys), ask, size, window)
      const whole = await allPages(sourceOf(keys), ask, 1000, 1000)
      expect(ids).toEqual(whole)
      const isWanted = ({ name, username }: ApiKey): boolean =>
        (owner === null || username === owner) &&
        [name, username ?? ''].some((one) => one.toLowerCase().includes(text.toLowerCase()))
      expect([...ids].sort()).toEqual(keys.filter(isWanted).map(({ id }) => id))
      expect(new Set(ids).size).toBe(ids.length)
    }),
    { numRuns: 300 },
  )
})

it('put keys that never expire behind those that do, and first when turned round', async () => {
  const rows = [
    entry(1),
    entry(2, { expires_at: new Date(2e12) }),
    entry(3, { expires_at: new Date(1e12) }),
  ]
  const order = (descending: boolean) =>
    allPages(
      sourceOf(rows),
      { username: null, filters: [], sort: { field: 'expires_at', descending } },
      1,
      2,
    )
  expect(await order(false)).toEqual([BASE + 3, BASE + 2, BASE + 1])
  expect(await order(true)).toEqual([BASE + 1, BASE + 2, BASE + 3])
})

const NEWEST: Sort = { field: 'id', descending: true }

it('take one call each in the order of ids or names, if nothing is searched for', async () => {
  const source = vi.fn(sourceOf([entry(1), entry(2), entry(3)]))
  for (const field of ['id', 'name'] as const)
    await fetchPage(
      source,
      { username: null, filters: [], sort: { field, descending: false } },
      { after: null, size: 2 },
      never,
    )
  expect(source).toHaveBeenCalledTimes(2)
})

it('stop looking once the page is full', async () => {
  const source = vi.fn(sourceOf(Array.from({ length: 100 }, (_, n) => entry(n + 1))))
  const ask = { username: null, filters: containing('key'), sort: NEWEST }
  const page = await fetchPage(source, ask, { after: null, size: 5, window: 10 }, never)
  expect(page.rows.map(({ id }) => id - BASE)).toEqual([100, 99, 98, 97, 96])
  // The least and the greatest id, and one window.
  expect(source).toHaveBeenCalledTimes(3)
})

it('say how far a search is, and what it has found so far', async () => {
  const seen: [number, Progress][] = []
  const source = sourceOf([entry(1, { name: 'x1' }), entry(15), entry(30, { name: 'x30' })])
  const ask = { username: null, filters: containing('x'), sort: NEWEST }
  await fetchPage(
    source,
    ask,
    { after: null, size: 5, window: 10 },
    { ...never, onPart: (rows, progress) => seen.push([rows.length, progress]) },
  )
  expect(seen).toEqual([
    [1, { done: 10, of: 30 }],
    [1, { done: 20, of: 30 }],
    [2, { done: 30, of: 30 }],
  ])
})

it('stop between two calls when nobody wants them any more', async () => {
  const abort = new AbortController()
  const source = vi.fn(sourceOf([entry(1), entry(30)]))
  const ask = { username: null, filters: containing('nothing'), sort: NEWEST }
  const watch = { signal: abort.signal, onPart: () => abort.abort() }
  await expect(fetchPage(source, ask, { after: null, size: 5, window: 10 }, watch)).rejects.toThrow(
    'aborted',
  )
  expect(source).toHaveBeenCalledTimes(3)
})
