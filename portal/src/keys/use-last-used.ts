/** When each of the keys on the page last logged in, as far as the service knows. */
import { useEffect, useState } from 'react'
import type { ApiKey } from '../../../client/index.ts'
import { useSession } from '../session.ts'

export const useLastUsed = (keys: readonly ApiKey[]): ReadonlyMap<number, Date> => {
  const { client } = useSession()
  const [used, setUsed] = useState<ReadonlyMap<number, Date>>(new Map())
  const ids = keys.map(({ id }) => id).join()
  useEffect(() => {
    let isWanted = true
    if (ids !== '')
      client.call('api_key.last_used', ids.split(',').map(Number)).then(
        (rows) => isWanted && setUsed(new Map(rows.map((row) => [row.id, row.last_used_at]))),
        // It is an extra: the page is whole without it.
        () => undefined,
      )
    return () => {
      isWanted = false
    }
  }, [client, ids])
  return used
}
