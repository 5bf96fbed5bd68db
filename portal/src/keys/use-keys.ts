/** The keys that a screen shows: a page of them at a time, kept up to date by the service's events. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ApiKey, Change } from '../../../client/index.ts'
import { useSession } from '../session.ts'
import { type Ask, isDirect } from './ask.ts'
import { NOTHING, PAGE_SIZE, patched } from './listed.ts'
import { fetchPage, type Page } from './page.ts'

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
