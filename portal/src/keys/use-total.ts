/** How many keys the tenant has: the service keeps count, and tells of each that comes or goes. */
import { useEffect, useState } from 'react'
import { useSession } from '../session.ts'

/** @returns null until it is known. */
export const useTotal = (): number | null => {
  const { client } = useSession()
  const [total, setTotal] = useState<number | null>(null)
  useEffect(() => {
    const ask = (): void => {
      client.count('api_key.query').then(setTotal, () => setTotal(null))
    }
    const add = (by: number): void => setTotal((now) => (now === null ? null : now + by))
    ask()
    return client.subscribe(
      'api_key.query',
      ({ msg }) => {
        if (msg === 'added') add(1)
        if (msg === 'removed') add(-1)
      },
      ask,
    )
  }, [client])
  return total
}
