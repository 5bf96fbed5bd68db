/**
 * Copies of sessions' items, for the conditions of transactions. Condition checks of the same item conflict as writes
 * do, so calls of one session would refuse each other: each process makes copies of its own, and no two calls use one
 * at the same time. All copies lie beside their session, where its end finds them.
 */
import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { Fault } from '../domain/fault.ts'
import { attempts } from '../domain/retry.ts'
import { type Connection, ownerOf, type Session } from './connection-items.ts'
import type { Db } from './db.ts'
import { itemKey } from './item-keys.ts'
import type { Held, Item, UnauditedKey } from './write.ts'

/** A session as a call was judged by it. */
export type Judged = Session & {
  readonly device?: true
  /** Version of the user's rights. */
  readonly version: number
}

/** Sessions of which a process remembers its copies. Forgotten copies are left to their TTL. */
const SESSIONS = 10_000
/** Longer than any call. */
const ONCE_SECONDS = 3600
/** How many item keys are tried for a copy: each put has three attempts by itself. */
const TRIES = 3

/** A copy, and the version of rights under which the session held when it was made. */
type Copy = { readonly at: UnauditedKey; readonly version: number }

export const createCopies = (db: Db) => {
  const free = new LRUCache<string, Copy[]>({ max: SESSIONS })

  /** A free copy that is no newer than the call's rights: a newer one lacks the mark that would refuse older rights. */
  const take = ({ id, version }: Judged): Copy | undefined => {
    const copies = free.get(id) ?? []
    const at = copies.findIndex((copy) => copy.version <= version)
    return at < 0 ? undefined : copies.splice(at, 1)[0]
  }

  /** Puts a copy under an item key that no earlier attempt may still write: a late one would restore the copy after the
   * session's end has marked or deleted it. A copy that may have such an attempt is left to its TTL. */
  const put = async (session: Judged, connection: string, ttl: number): Promise<UnauditedKey> => {
    for await (const _ of attempts({ tries: TRIES })) {
      const copy = beside(session, connection)
      if (await db.put({ ...copy, session: stored(session), ttl })) return copy
    }
    throw new Fault('UNAVAILABLE')
  }

  const confirmed = async <T>(copy: UnauditedKey, confirm: () => Promise<T>): Promise<T> => {
    try {
      return await confirm()
    } catch (error) {
      // Nobody uses the copy. If this fails too, its TTL deletes it.
      await db.transact<never>([{ delete: copy }]).catch(() => {})
      throw error
    }
  }

  return {
    /**
     * A copy of a session for one transaction: one that is free, or a new one.
     * @param confirm reads what the session depends on, after the new copy was put, and throws unless it holds.
     * Gives the version of rights that it read.
     */
    async hold(
      session: Judged,
      { id, ttl }: Pick<Connection, 'id'> & { readonly ttl: number },
      confirm: () => Promise<number>,
    ): Promise<Held> {
      const make = async (): Promise<Copy> => {
        const at = await put(session, id, ttl)
        return { at, version: await confirmed(at, confirm) }
      }
      const old = take(session)
      const mine = old ?? (await make())
      return {
        isNew: old === undefined,
        write: { check: mine.at, ...holds(session) },
        release: () => {
          const others = free.get(session.id)
          if (others === undefined) free.set(session.id, [mine])
          else others.push(mine)
        },
        refusal: (old) => refusal(session, old),
      }
    },

    /** The same for one transaction that isn't a call of the session: it deletes the copy.
     * @param now in milliseconds since the epoch. */
    async holdOnce(session: Judged, now: number, confirm: () => Promise<void>): Promise<Held> {
      const own = { ...session, id: randomBytes(16).toString('base64url') }
      const copy = await put(own, '-', Math.ceil(now / 1000) + ONCE_SECONDS)
      await confirmed(copy, confirm)
      return {
        isNew: true,
        write: { delete: copy, ...holds(own) },
        release: () => {},
        refusal: (old) => refusal(session, old),
      }
    },
  }
}

export type Copies = ReturnType<typeof createCopies>

/** What a session is judged by, and what is read anew for each call. */
type JudgedBy = { roles?: unknown; ceiling?: unknown; device?: unknown; version?: unknown }

/** A session as it is stored: without the rights that a call was judged by. A member that is neither doesn't compile. */
export const stored = <S extends Session & JudgedBy>({
  roles: _roles,
  ceiling: _ceiling,
  device: _device,
  version: _version,
  ...session
}: S & Record<Exclude<keyof S, keyof Session | keyof JudgedBy>, never>): Session =>
  session as unknown as Session

// ---------------------------------------------------------------------------------------------

const beside = (session: Judged, connection: string): UnauditedKey => {
  const { pk, sk } = itemKey.session(session.tenant, ownerOf(session), connection)
  return { pk, sk: `${sk}#${randomBytes(9).toString('base64url')}` }
}

const holds = ({ id, version }: Judged) => ({
  when: '#session.#id = :id AND attribute_not_exists(#ended) AND (attribute_not_exists(#notBefore) OR #notBefore <= :version)',
  values: { id, version },
  conflict: 'SESSION_ENDED' as const,
})

const refusal = ({ id, username }: Judged, old: Item | null): Fault =>
  old === null || old.ended === true || old.session.id !== id
    ? new Fault('SESSION_EXPIRED')
    : new Fault('RIGHTS_CHANGED', { username })
