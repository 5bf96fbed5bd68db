/** What the portal asks for, timed at the client, with the reads that it cost. */

import type { ApiKey, Client } from '../../client/index.ts'
import { containing, type KeyQuery, NEWEST } from '../../portal/src/keys/key-query.ts'
import { fetchPage } from '../../portal/src/keys/page.ts'
import { RARE } from './seed.ts'

export type Cost = {
  readonly what: string
  /** Milliseconds: the median, and the longest. */
  readonly ms: number
  readonly worst: number
  /** Longest that a user waits for the first news of how it goes, in milliseconds. */
  readonly firstNews: number
  readonly calls: number
  readonly units: number
  readonly rows: number
}

type Take = () => { units: number; calls: number }

const SIZE = 50
const ROUNDS = 3

export const measureCalls = async (client: Client, reads: Take, total: number): Promise<Cost[]> => {
  const source = (filters: never, options: never): Promise<ApiKey[]> =>
    client.rows('api_key.query', filters, options)
  const all: KeyQuery = { username: null, filters: [], sort: NEWEST }
  const [newest] = await client.rows('api_key.query', [], { order_by: ['-id'], limit: 1 })
  const half = (newest?.id ?? 0) - Math.floor(total / 2)
  const [middle] = await client.rows('api_key.query', [['id', '>=', half]], { limit: 1 })
  const search = (text: string): KeyQuery => ({ ...all, filters: containing(text) })
  const wanted: (readonly [string, KeyQuery, ApiKey | null])[] = [
    ['first page', all, null],
    ['a page in the middle', all, middle ?? null],
    ['first page by name', { ...all, sort: { field: 'name', descending: false } }, null],
    ['first page of one user', { ...all, username: 'admin' }, null],
    ['first page by expiry', { ...all, sort: { field: 'expires_at', descending: false } }, null],
    ['search that fits every key', search('nas'), null],
    ['search that fits one in a thousand', search(RARE), null],
    ['search that fits none', search('nowhere to be found'), null],
    ['pattern that fits none', { ...all, filters: [['name', '~', '.*nowhere$']] }, null],
  ]
  const costs: Cost[] = []
  for (const [what, ask, after] of wanted) {
    const times: number[] = []
    const news: number[] = []
    let rows = 0
    reads()
    for (let round = 0; round < ROUNDS; round++) {
      const began = performance.now()
      let first: number | null = null
      const onPart = (): void => {
        first ??= performance.now() - began
      }
      const watch = { signal: new AbortController().signal, onPart }
      const page = await fetchPage(source as never, ask, { after, size: SIZE }, watch)
      rows = page.rows.length
      times.push(performance.now() - began)
      news.push(first ?? performance.now() - began)
    }
    const { calls, units } = reads()
    costs.push({
      what,
      ms: median(times),
      worst: Math.max(...times),
      firstNews: Math.max(...news),
      calls: calls / ROUNDS,
      units: units / ROUNDS,
      rows,
    })
  }
  return costs
}

// ---------------------------------------------------------------------------------------------

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
