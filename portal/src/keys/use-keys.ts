/** The keys that a screen shows: a page of them at a time, kept up to date by the service's events. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ApiKey, Change } from '../../../client/index.ts'
import { useSession } from '../session.ts'
import { isDirect, type KeyQuery } from './key-query.ts'
import { type Listed, NOTHING, PAGE_SIZE, patched } from './listed.ts'
import { fetchPage, type Page } from './page.ts'

export const useKeys = (ask: KeyQuery) => {
  const { client } = useSession()
  const [listed, setListed] = useState(NOTHING)
  /** The last key of each page before this one. */
  const [before, setBefore] = useState<readonly ApiKey[]>([])
  const [attempt, setAttempt] = useState(0)
  /** The last key of the page as it came: where the next one begins, whatever becomes of the key. */
  const [end, setEnd] = useState<ApiKey | null>(null)
  /** What was heard since the page was asked for: its answer may be older. */
  const heard = useRef<Change<'api_key.query'>[]>([])
  const question = JSON.stringify(ask)
  const asked = useRef(question)
  const reload = useCallback(() => setAttempt((count) => count + 1), [])
  const { username, sort } = ask
  const isFirst = before.length === 0
  const isNewestFirst = isDirect(ask) && sort.field === 'id' && sort.descending
  /** Whose new keys come on top of this page; undefined: of none. */
  const owner = isFirst && isNewestFirst ? username : undefined

  // Before the page is asked for: what changes meanwhile is heard.
  useEffect(() => {
    const hear = (change: Change<'api_key.query'>): void => {
      const isOthers = change.msg === 'added' && change.fields.username !== username
      if (username !== null && isOthers) return
      heard.current.push(change)
      setListed((now) => patched(now, change, owner))
    }
    const refused = (error: unknown): void => setListed((now) => ({ ...now, error }))
    return client.subscribe('api_key.query', hear, reload, refused)
  }, [client, reload, owner, username])

  useEffect(() => {
    const abort = new AbortController()
    const isNew = asked.current !== question
    asked.current = question
    // Another question starts at its first page.
    if (isNew && before.length > 0) {
      setBefore([])
      return
    }
    heard.current = []
    const caughtUp = (now: Listed): Listed =>
      heard.current.reduce((so, change) => patched(so, change, owner), now)
    setListed((now) => ({ ...now, busy: true, error: null, progress: null }))
    fetchPage(
      (filters, options) => client.rows('api_key.query', filters, options),
      JSON.parse(question) as KeyQuery,
      { after: before.at(-1) ?? null, size: PAGE_SIZE },
      {
        signal: abort.signal,
        onPart: (rows, progress) =>
          setListed((now) => caughtUp({ ...now, rows, progress, added: 0 })),
      },
    ).then(
      (page: Page) => {
        if (abort.signal.aborted) return
        setEnd(page.rows.at(-1) ?? null)
        setListed(caughtUp({ ...NOTHING, ...page, busy: false }))
      },
      (error: unknown) => {
        if (!abort.signal.aborted)
          setListed((now) => ({ ...now, busy: false, progress: null, error }))
      },
    )
    return () => abort.abort()
  }, [client, question, before, attempt])

  const { busy, rows, hasMore } = listed
  // All that was here is gone, and there is more.
  useEffect(() => {
    if (!busy && hasMore && rows.length === 0) reload()
  }, [busy, hasMore, rows, reload])

  // Ids never change; and what new keys pushed off this page comes on the next.
  const last = isNewestFirst ? (rows.at(-1) ?? null) : end
  return {
    ...listed,
    page: before.length + 1,
    reload,
    next: hasMore && last !== null ? () => setBefore([...before, last]) : null,
    previous: isFirst ? null : () => setBefore(before.slice(0, -1)),
  }
}
