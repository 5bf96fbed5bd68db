/** Something that is loaded as a whole, and again on request. What was there stays until then. */
import { useCallback, useEffect, useState } from 'react'

export type Loaded<T> = {
  /** Null until it came the first time. */
  readonly value: T | null
  readonly busy: boolean
  readonly error: unknown
  readonly reload: () => void
}

/** @param load must keep its identity as long as it means the same. */
export const useLoaded = <T>(load: () => Promise<T>): Loaded<T> => {
  const [state, setState] = useState<Omit<Loaded<T>, 'reload'>>(NOTHING)
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let isWanted = true
    setState((now) => ({ ...now, busy: true, error: null }))
    load().then(
      (value) => isWanted && setState({ value, busy: false, error: null }),
      (error: unknown) => isWanted && setState((now) => ({ ...now, busy: false, error })),
    )
    return () => {
      isWanted = false
    }
  }, [load, attempt])
  const reload = useCallback(() => setAttempt((count) => count + 1), [])
  return { ...state, reload }
}

// ---------------------------------------------------------------------------------------------

const NOTHING = { value: null, busy: true, error: null }
