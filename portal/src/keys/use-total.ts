/** How many keys the tenant has: the service keeps count, and tells of each that comes or goes. */
import { useEffect, useState } from 'react'
import { useSession } from '../session.ts'

/** Milliseconds in which changes that come together are asked about once. */
const SETTLE_MS = 300

/** @returns null until it is known. */
export const useTotal = (): number | null => {
  const { client } = useSession()
  const [total, setTotal] = useState<number | null>(null)
  useEffect(() => {
    const ask = (): void => {
      client.count('api_key.query').then(setTotal, () => setTotal(null))
    }
    // Asked anew rather than counted here: an event may come twice, or be counted already.
    let timer: ReturnType<typeof setTimeout> | undefined
    const askSoon = (): void => {
      clearTimeout(timer)
      timer = setTimeout(ask, SETTLE_MS)
    }
    const stop = client.subscribe(
      'api_key.query',
      ({ msg }) => {
        if (msg !== 'changed') askSoon()
      },
      ask,
    )
    ask()
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [client])
  return total
}
