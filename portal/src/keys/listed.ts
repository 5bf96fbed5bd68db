/** What a screen shows of a list of keys, and what an event makes of it. */
import type { ApiKey, Change } from '../../../client/index.ts'
import type { Progress } from './page.ts'

export const PAGE_SIZE = 50

export type Listed = {
  readonly rows: readonly ApiKey[]
  readonly hasMore: boolean
  /** Set while rows are on their way; with a progress where that takes several calls. */
  readonly busy: boolean
  readonly progress: Progress | null
  readonly error: unknown
  /** Keys that were added elsewhere since, and would be on this page or another. */
  readonly added: number
}

export const NOTHING: Listed = {
  rows: [],
  hasMore: false,
  busy: true,
  progress: null,
  error: null,
  added: 0,
}

/**
 * @param owner whose keys a list shows that new ones belong on top of (null: everybody's); undefined for a
 * list where a new one's place isn't known.
 */
export const patched = (
  now: Listed,
  change: Change<'api_key.query'>,
  owner: string | null | undefined,
): Listed => {
  const at = now.rows.findIndex(({ id }) => id === change.id)
  if (change.msg === 'removed')
    return at === -1 ? now : { ...now, rows: now.rows.filter(({ id }) => id !== change.id) }
  if (at !== -1) return { ...now, rows: now.rows.with(at, change.fields) }
  if (change.msg !== 'added') return now
  if (owner === undefined || now.busy) return { ...now, added: now.added + 1 }
  if (owner !== null && change.fields.username !== owner) return now
  // Told late or twice, it isn't the newest.
  const rows = [change.fields, ...now.rows].sort((a, b) => b.id - a.id)
  return {
    ...now,
    rows: rows.slice(0, PAGE_SIZE),
    hasMore: now.hasMore || rows.length > PAGE_SIZE,
  }
}
