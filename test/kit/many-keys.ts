/** Users with many keys, which nobody has the secrets of, and how those stand. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { effectiveState } from '../../shared/keys/rules.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKeysInBulk } from '../../tools/scale/bulk.ts'
import { addUser, type Rig } from './service.ts'
import { readItem } from './table.ts'

/** Numbers of such keys begin here, for the first user. */
export const FIRST = 1_000_000
/** Keys that are checked at once: ten requests. */
const AT_ONCE = 1000

export const addUserWithKeys = async (
  { service, table, clock }: Rig,
  { tenant }: User,
  username: string,
  count: number,
): Promise<User> => {
  const user = await addUser(service, tenant, username, ['API_KEY_READ'])
  const client = new DynamoDBClient({})
  const from = FIRST * user.uid
  await addKeysInBulk(client, table, {
    tenant,
    from,
    to: from + count,
    key: (n) => ({ name: `k${n}`, owner: user, createdAt: clock.now, expires: null }),
  })
  client.destroy()
  return user
}

export const numbersOf = (user: User, count: number): number[] =>
  Array.from({ length: count }, (_, at) => FIRST * user.uid + at)

/** How many of the keys stand how, by a check. */
export const standings = async ({ service, clock }: Rig, user: User, count: number) => {
  const refs = numbersOf(user, count).map((n) => ({ tenant: user.tenant, n }))
  const states: string[] = []
  for (let at = 0; at < count; at += AT_ONCE)
    for (const key of await service.keys.forCheck(refs.slice(at, at + AT_ONCE)))
      states.push(key === null ? 'none' : effectiveState(key, clock.now))
  return tally(states)
}

/** How many of them show which version of their user. */
export const copies = async ({ table }: Rig, user: User, count: number) => {
  const items = await Promise.all(
    numbersOf(user, count).map((n) => readItem(table, itemKey.check({ tenant: user.tenant, n }))),
  )
  return tally(items.map((item) => `${item?.userVersion}${item?.revoked ? ' revoked' : ''}`))
}

// ---------------------------------------------------------------------------------------------

const tally = (all: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const one of all) counts[one] = (counts[one] ?? 0) + 1
  return counts
}
