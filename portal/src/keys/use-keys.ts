/** The keys that a screen shows: a page of them at a time, kept up to date by the service's events. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ApiKey, Change } from '../../../client/index.ts'
import { useSession } from '../session.ts'
import { type Ask, isDirect } from './ask.ts'
import { fetchPage, type Page, type Progress } from './page.ts'

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

const NOTHING: Listed = {
  rows: [],
  hasMore: false,
  busy: true,
  progress: null,
  error: null,
  added: 0,
}

export const useKeys = (ask: Ask) => {
  const { client } = useSession()
  const [listed, setListed] = useState(NOTHING)
  /** The last key of each page before this one. */
  const [before, setBefore] = useState<readonly ApiKey[]>([])
  const [attempt, setAttempt] = useState(0)
  const question = JSON.stringify(ask)
  const asked = useRef(question)

  useEffect(() => {
    const abort = new AbortController()
    const isNew = asked.current !== question
    asked.current = question
    // Another question starts at its first page.
    if (isNew && before.length > 0) {
      setBefore([])
      return
    }
    setListed((now) => ({ ...now, busy: true, error: null, progress: null }))
    fetchPage(
      (filters, options) => client.rows('api_key.query', filters, options),
      JSON.parse(question) as Ask,
      { after: before.at(-1) ?? null, size: PAGE_SIZE },
      {
        signal: abort.signal,
        onPart: (rows, progress) => setListed((now) => ({ ...now, rows, progress })),
      },
    ).then(
      (page: Page) => {
        if (!abort.signal.aborted) setListed({ ...NOTHING, ...page, busy: false })
      },
      (error: unknown) => {
        if (!abort.signal.aborted)
          setListed((now) => ({ ...now, busy: false, progress: null, error }))
      },
    )
    return () => abort.abort()
  }, [client, question, before, attempt])

  const reload = useCallback(() => setAttempt((count) => count + 1), [])
  const isFirst = before.length === 0
  const takesNew = isFirst && isDirect(ask) && ask.sort.field === 'id' && ask.sort.descending

  useEffect(() => {
    const hear = (change: Change<'api_key.query'>): void =>
      setListed((now) => patched(now, change, takesNew ? ask.username : undefined))
    return client.subscribe('api_key.query', hear, reload)
  }, [client, reload, takesNew, ask.username])

  const last = listed.rows.at(-1)
  return {
    ...listed,
    page: before.length + 1,
    reload,
    next: listed.hasMore && last !== undefined ? () => setBefore([...before, last]) : null,
    previous: isFirst ? null : () => setBefore(before.slice(0, -1)),
  }
}

// ---------------------------------------------------------------------------------------------

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
  const rows = [change.fields, ...now.rows]
  return {
    ...now,
    rows: rows.slice(0, PAGE_SIZE),
    hasMore: now.hasMore || rows.length > PAGE_SIZE,
  }
}
