/**
 * Sockets in the table: a connection from its handshake on, the session that logged in on it, and
 * what it subscribed to. All of them carry a TTL: a `$disconnect` may never come.
 */
import type { Act } from './audit.ts'
import {
  AT_ONCE,
  asItIs,
  changed,
  dropToken,
  end,
  forget,
  leave,
  out,
  unlisted,
} from './connection-changes.ts'
import {
  type Ancestor,
  type Connection,
  holderKey,
  type PendingLogin,
  type Session,
  type Subscription,
  sessionKey,
  toConnection,
} from './connection-items.ts'
import type { Conflict, Db } from './db.ts'
import type { Gate, Gates } from './gate.ts'
import { itemKey, subscribers } from './item-keys.ts'
import { subscriptionRef } from './item-refs.ts'
import { dropCopies, endedByHand, type ListedSession } from './sessions.ts'
import {
  ABSENT,
  type Authority,
  type Item,
  type ItemKey,
  type Unaudited,
  type Write,
} from './write.ts'

/** API Gateway ends a socket after two hours; what it left behind goes an hour later. */
const LIFETIME_SECONDS = 3 * 3600

export type NewSubscription = {
  readonly id: string
  readonly collection: string
  readonly most: number
}

/** What a session depends on, as just read: its key or user, null if that is gone, and its tenant's gate. */
export type Held = { readonly holder: Item | null; readonly gate: Gate }

/** Where to read that. */
export type HeldAt = { readonly holder: ItemKey; readonly tenant: number }

export const createConnections = (db: Db, gates: Gates) => ({
  /** Puts a connection, unless it is there already: a late attempt would log out who has logged in since. */
  async open(connection: Connection): Promise<void> {
    const { id, ...fields } = connection
    const { connectedAt } = connection
    await db.put(
      { ...itemKey.connection(id), ...fields, ttl: connectionEnd(connectedAt) },
      {
        when: 'attribute_not_exists(#connectedAt) OR #connectedAt < :connectedAt',
        values: { connectedAt },
      },
    )
  },

  async get(id: string): Promise<Connection | null> {
    const [item = null] = await db.batchedGet([itemKey.connection(id)])
    return item === null ? null : toConnection(id, item)
  },

  /** What a session depends on, as `sessions/session.ts` judges it by. */
  async held(session: Session): Promise<Held> {
    const [holder = null, gate = null] = await db.batchedGet([
      holderKey(session),
      gates.at(session.tenant),
    ])
    return { holder, gate }
  },

  /** A connection and, in the same request, what its session depends on: each frame reads it, those of a moment together. */
  async withHeld(id: string, at: HeldAt): Promise<[Connection | null, Held]> {
    const keys = [itemKey.connection(id), at.holder, gates.at(at.tenant)]
    const [item = null, holder = null, gate = null] = await db.batchedGet(keys)
    return [item === null ? null : toConnection(id, item), { holder, gate }]
  },

  /** The same of many connections, each with a session that may be on it: in one request for a hundred items, and what
   * several depend on is one. */
  async allWithHeld(
    all: readonly Pick<Subscription, 'connection' | 'session'>[],
  ): Promise<[Connection | null, Held][]> {
    const tenants = new Set(all.map(({ session }) => session.tenant))
    // One of its copies for all of them.
    const gateOf = new Map([...tenants].map((tenant) => [tenant, gates.at(tenant)]))
    const keys = all.flatMap(({ connection, session }) => {
      const { tenant } = session
      return [
        itemKey.connection(connection),
        holderKey(session),
        gateOf.get(tenant) ?? gates.at(tenant),
      ]
    })
    const items = await db.read(keys)
    return all.map(({ connection }, i) => {
      const [item = null, holder = null, gate = null] = items.slice(3 * i, 3 * i + 3)
      return [item === null ? null : toConnection(connection, item), { holder, gate }]
    })
  },

  /**
   * Logs a session in, in place of the one before. The caller must read after this whether what it depends on still
   * holds, and take the session back if it doesn't (`sessions/login.ts`).
   * @param also conditions and writes of the same transaction, such as the use of a token.
   */
  async login<L extends string = never>(
    connection: Connection,
    session: Session,
    also: readonly Unaudited<L>[] = [],
  ): Promise<Conflict<L | 'GONE'> | null> {
    let before = connection.session
    const conflict = await asItIs<L>(db, connection, (now) => {
      before = now.session
      return [
        ...also,
        ...leave(now, session),
        // A new login takes the place of the old one, whose subscriptions end with it.
        loggedIn(now, session),
        { put: { ...sessionKey(session, connection.id), ...toListing(connection, session) } },
      ]
    })
    if (conflict === null) await dropToken(db, before, session)
    if (conflict === null && before !== null) await dropCopies(db, before, connection.id)
    return conflict
  },

  /**
   * Logs in on a connection where nobody was: a write each for the list and the connection, since a transaction costs twice
   * as much, and a storm is made of these. Listed first, so that what ends sessions finds it: it forgets the connection
   * then, and the login fails.
   * @returns false if it failed. It may be listed all the same, and a write of it may come late: its id is not to be used again.
   */
  async loginFirst(connection: Connection, session: Session): Promise<boolean> {
    const listed = { ...sessionKey(session, connection.id), ...toListing(connection, session) }
    return (
      (await db.put(listed, { when: ABSENT })) &&
      (await db.updateBlind(loggedIn(connection, session)))
    )
  },

  /** Takes a login back, unless another came after it. */
  async takeBack(connection: Connection, session: Session): Promise<void> {
    const after = { ...connection, session, subscriptions: {}, rev: connection.rev + 1 }
    await asItIs(db, after, (now) => (now.session?.id === session.id ? out(now) : []))
    await dropCopies(db, session, connection.id)
  },

  /** Notes the login that waits for its second factor, if any. */
  async setPending(connection: Connection, pending: PendingLogin | null): Promise<void> {
    await asItIs<never>(db, connection, (now) => [changed(now, { pending })])
  },

  /** Uses up one attempt at a second factor. @returns false if another call has used it first. */
  async usePending(id: string, was: PendingLogin, next: PendingLogin | null): Promise<boolean> {
    const after = await db.update({
      update: itemKey.connection(id),
      set: { pending: next },
      when: '#pending = :was',
      values: { was },
    })
    return after !== null
  },

  /** Ends the session and its subscriptions; the socket stays. */
  async logout(connection: Connection): Promise<void> {
    await end(db, connection, out)
  },

  /** Forgets a connection that is gone, with its session and subscriptions. */
  forget: (connection: Connection, listed?: string): Promise<void> =>
    forget(db, connection, listed),

  async isListed(session: Session, connection: string): Promise<boolean> {
    return (await db.get(sessionKey(session, connection)))?.session.id === session.id
  },

  /** Takes a session off the list, if it is there. */
  async unlist(session: Session, connection: string): Promise<void> {
    await db.remove(unlisted(session, connection))
  },

  /** The first step of ending another's session by hand: from here on no copy of it is made. One that is gone is no
   * matter. */
  async terminate({ connection, session, address }: ListedSession, act: Act): Promise<void> {
    const { tenant, id, username } = session
    const data = { event: 'session.terminate', subject: { session: id } } as const
    const before = { username, origin: address }
    await db.change({ tenant, ...act, ...data, before }, [endedByHand(session, connection)])
  },

  /** The same where all others end, of which there is an entry already (`sessions.markAll`). */
  async mark(
    { connection, session }: Pick<ListedSession, 'connection' | 'session'>,
    by: Authority,
  ): Promise<void> {
    await db.transact([{ ...endedByHand(session, connection), by }])
  },

  /** Those of some sessions whose connection is gone, or is another session's. */
  async gone(sessions: readonly Ancestor[]): Promise<Ancestor[]> {
    const items = await db.read(sessions.map(({ connection }) => itemKey.connection(connection)))
    return sessions.filter(({ id }, i) => items[i]?.session?.id !== id)
  },

  /** Moves a session to a newer version of its user's password and second factor, so that it goes on. */
  adopt({ id, session: before }: Connection, passwordVersion: number): Write<'SESSION_GONE'>[] {
    if (before === null) throw new Error('nobody is logged in')
    const session = { ...before, passwordVersion }
    const still = {
      when: '#session = :before',
      values: { before },
      conflict: 'SESSION_GONE' as const,
    }
    return [
      { update: itemKey.connection(id), set: { session }, ...still },
      { update: sessionKey(before, id), set: { session }, ...still },
    ]
  },

  /** Adds a subscription. Refused if the session is the connection's no more, or the connection has `most` of them. Many at
   * once don't refuse each other: none depends on which others there are. */
  async subscribe(
    { id: socket, version, connectedAt }: Connection,
    session: Session,
    { id, collection, most }: NewSubscription,
    by: Authority | null,
  ): Promise<'GONE' | 'FULL' | null> {
    const facts: Omit<Subscription, 'connection' | 'id'> = { version, session }
    const at = itemKey.subscription(session.tenant, collection, socket, id)
    const conflict = await db.transact<'REFUSED'>(
      [
        {
          update: itemKey.connection(socket),
          entry: { of: 'subscriptions', name: id, value: collection },
          add: { rev: 1 },
          when: '#session.#id = :session AND size(#subscriptions) < :most',
          values: { session: session.id, most },
          conflict: 'REFUSED',
          by,
        },
        { put: { ...at, ...facts, ttl: connectionEnd(connectedAt) } },
      ],
      AT_ONCE,
    )
    if (conflict === null) return null
    return conflict.old?.session?.id === session.id ? 'FULL' : 'GONE'
  },

  /** Ends the subscriptions that `ends` picks, by id and collection, all in one go. */
  async unsubscribe(
    connection: Connection,
    session: Session,
    ends: (id: string, collection: string) => boolean,
    by: Authority | null,
  ): Promise<void> {
    await asItIs<never>(db, connection, (now) => {
      const all = Object.entries(now.subscriptions)
      const gone = now.session?.id === session.id ? all.filter(([id, name]) => ends(id, name)) : []
      if (gone.length === 0) return []
      const subscriptions = Object.fromEntries(all.filter((one) => !gone.includes(one)))
      return [
        { ...changed(now, { subscriptions }), by },
        ...gone.map(([id, collection]) => ({
          delete: itemKey.subscription(session.tenant, collection, now.id, id),
        })),
      ]
    })
  },

  /** Deletes a subscription whose connection is gone already. */
  async dropSubscription(
    tenant: number,
    collection: string,
    { connection, id }: Pick<Subscription, 'connection' | 'id'>,
  ): Promise<void> {
    await db.remove({ delete: itemKey.subscription(tenant, collection, connection, id) })
  },

  /** Who listens to a collection of a tenant. */
  async *subscribers(tenant: number, collection: string): AsyncGenerator<Subscription> {
    for await (const item of db.list(subscribers(tenant, collection))) {
      yield { ...subscriptionRef(item), version: item.version, session: item.session }
    }
  },
})

export type Connections = ReturnType<typeof createConnections>

/** When DynamoDB deletes what is left of a connection, in seconds since the epoch. */
export const connectionEnd = (connectedAt: number): number =>
  Math.floor(connectedAt / 1000) + LIFETIME_SECONDS

// ---------------------------------------------------------------------------------------------

/** A session in the list, as its connection has it. */
const toListing = (
  { address, secure, connectedAt }: Connection,
  session: Session,
): Omit<ListedSession, 'connection' | 'ended'> & { readonly ttl: number } => ({
  session,
  address,
  secure,
  ttl: connectionEnd(connectedAt),
})

const loggedIn = (now: Connection, session: Session) =>
  changed(now, { session, pending: null, subscriptions: {} })
