/** Changes of a connection in its present state, with its session and subscriptions. */
import { Fault } from '../domain/fault.ts'
import { attempts, type RetryPolicy } from '../domain/retry.ts'
import { type Connection, type Session, sessionKey, toConnection } from './connection-items.ts'
import type { Conflict, Db } from './db.ts'
import { itemKey } from './item-keys.ts'
import { dropCopies } from './sessions.ts'
import { endToken } from './tokens.ts'
import { type Delete, textOf, type Unaudited, type UnauditedKey } from './write.ts'

/** How long a change is tried that conflicts with other calls' on the same socket. Of twenty calls at once each conflict
 * lets one through, so the last has met nineteen. */
export const AT_ONCE: RetryPolicy = { tries: 6, forMs: 8000, pauseMs: 100 }

/**
 * Writes what follows from a connection's present state, which it reads again after a conflict: frames of one socket
 * run at the same time, and must not overlook each other's changes.
 * @param writes none if nothing is to be done; or why that is refused.
 */
export const asItIs = async <L extends string>(
  db: Db,
  connection: Connection,
  writes: (now: Connection) => Unaudited<L | 'MOVED'>[] | Conflict<L>,
): Promise<Conflict<L | 'GONE'> | null> => {
  let now = connection
  for await (const _ of attempts(AT_ONCE)) {
    const next = writes(now)
    if ('reason' in next) return next
    const conflict = await write(db, next)
    if (conflict === null) return null
    if (conflict.reason !== 'MOVED') return conflict as Conflict<L>
    const item = await db.get(itemKey.connection(connection.id))
    if (item === null) return { reason: 'GONE', old: null }
    now = toConnection(connection.id, item)
  }
  throw new Fault('UNAVAILABLE')
}

/**
 * The same for what ends a session. It ends the token first, so that a failure in between leaves none that is good.
 * @param after deletes what is left of that state; a repeat of it does no harm.
 */
export const end = async (
  db: Db,
  connection: Connection,
  writes: (now: Connection) => Unaudited<'MOVED'>[],
  after: (was: Connection) => readonly Delete[] = () => [],
): Promise<void> => {
  let was = connection
  let session = was.session
  await dropToken(db, session)
  await asItIs(db, connection, (now) => {
    was = now
    session = now.session
    return writes(now)
  })
  const left = await Promise.allSettled([
    // After the change of the connection: it refuses copies that are made from now on.
    session !== null && dropCopies(db, session, connection.id),
    // Another frame of this socket may have logged in since it was read.
    session?.id !== connection.session?.id && dropToken(db, session),
    ...after(was).map((one) => db.remove(one)),
  ])
  // All were tried, since a repeat may find no connection to go by.
  for (const one of left) if (one.status === 'rejected') throw one.reason
}

/**
 * Forgets a connection that is gone, with its session and subscriptions.
 * @param listed id of the session that stays on the list, for who still has its socket to close.
 */
export const forget = (db: Db, connection: Connection, listed?: string): Promise<void> => {
  const gone = (now: Connection) => [{ delete: itemKey.connection(now.id), ...unchanged(now) }]
  const left = (was: Connection) =>
    was.session?.id === listed ? unsubscribed(was) : leftBehind(was)
  return end(db, connection, gone, left)
}

/** The connection is as it was read. `rev` tells an equal state that came back from the one that was read. Session and
 * subscriptions are compared as well, since older versions of the service change them without counting. */
export const unchanged = ({ session, subscriptions, rev }: Connection) => ({
  when: '#session = :was_session AND #subscriptions = :was_subscriptions AND (attribute_not_exists(#rev) OR #rev = :was_rev)',
  values: { was_session: session, was_subscriptions: subscriptions, was_rev: rev },
  conflict: 'MOVED' as const,
})

/** Changes a connection, if it is as it was read. */
export const changed = (now: Connection, set: Partial<Connection>) => ({
  update: itemKey.connection(now.id),
  set,
  add: { rev: 1 },
  ...unchanged(now),
})

/** Ends the token that opened a session together with the session or its socket, as genuine servers do. */
export const dropToken = async (db: Db, was: Session | null, next?: Session): Promise<void> => {
  if (was?.token !== undefined && was.token.digest !== next?.token?.digest)
    await endToken(db, was.token)
}

/** Logs a connection out. */
export const out = (now: Connection): Unaudited<'MOVED'>[] => [
  ...leave(now, null),
  changed(now, { session: null, pending: null, subscriptions: {} }),
]

/** Deletes a session's items, but for one that its successor overwrites. */
export const leave = (connection: Connection, successor: Session | null): Unaudited<never>[] => {
  const { session, id } = connection
  if (session === null) return []
  const key = sessionKey(session, id)
  const replaced = successor !== null && textOf(sessionKey(successor, id)) === textOf(key)
  return [...(replaced ? [] : [{ delete: key }]), ...unsubscribed(connection)]
}

/** Deletes the items of a connection that is gone. Each delete may come late: another session is left alone. */
export const leftBehind = (was: Connection): Delete[] =>
  was.session === null ? [] : [unlisted(was.session, was.id), ...unsubscribed(was)]

/** Deletes a session from the list, unless another one is listed there by now. */
export const unlisted = (session: Session, connection: string): Delete => ({
  delete: sessionKey(session, connection),
  when: '#session.#id = :id',
  values: { id: session.id },
})

// ---------------------------------------------------------------------------------------------

const unsubscribed = ({ session, subscriptions, id }: Connection): { delete: UnauditedKey }[] =>
  session === null
    ? []
    : Object.entries(subscriptions).map(([sub, collection]) => ({
        delete: itemKey.subscription(session.tenant, collection, id, sub),
      }))

/** One write needs no transaction, which costs twice as much: `rev` refuses one that comes late. */
const write = async <L extends string>(
  db: Db,
  writes: readonly Unaudited<L | 'MOVED'>[],
): Promise<Conflict<L | 'MOVED'> | null> => {
  const [only, ...more] = writes
  if (only === undefined) return null
  if (more.length > 0 || only.by || only.conflict !== 'MOVED') return db.transact(writes)
  if ('update' in only) return (await db.updateBlind(only)) ? null : MOVED
  if ('delete' in only) return (await db.remove(only)) ? null : MOVED
  return db.transact(writes)
}

const MOVED = { reason: 'MOVED', old: null } as const
