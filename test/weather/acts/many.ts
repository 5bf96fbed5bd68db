/** The same act many times over, as an administrator's tools have it. */
import type { Client } from '../client.ts'
import type { Secret } from '../history.ts'
import type { World } from '../world.ts'
import { signIn } from './logins.ts'

/** So that none of them has more than 20 calls under way. */
const SOCKETS = 12
const AT_ONCE = 8

/** An administrator's sockets, all by one key. */
export const signInOften = (world: World, key: Secret): Promise<Client[]> =>
  Promise.all(Array.from({ length: SOCKETS }, (_, n) => signIn(world, `admin-${n}`, key)))

/** Makes so many of something, a few at a time. */
export const inBatches = async <T>(
  count: number,
  make: (n: number) => Promise<T>,
): Promise<T[]> => {
  const made: T[] = []
  while (made.length < count) {
    const most = Math.min(AT_ONCE, count - made.length)
    made.push(
      ...(await Promise.all(Array.from({ length: most }, (_, at) => make(made.length + at)))),
    )
  }
  return made
}
