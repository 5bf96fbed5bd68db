/**
 * Sockets in the table: a connection from its handshake on, the session that logged in on it, and
 * what it subscribed to. All of them carry a TTL: a `$disconnect` may never come.
 */
import { Fault } from '../fault.ts'
import type { Version } from '../rpc/versions.ts'
import type { Db, Lost } from './db.ts'
import { holderOf, pad, place, subscribers, tenantPk } from './places.ts'
import { ABSENT, type Item, type Key, PRESENT, type Write } from './write.ts'

/** How a session came about, as `auth.sessions` names it (PROTOCOL 3.5). */
export type Credentials = 'API_KEY' | 'LOGIN_PASSWORD' | 'LOGIN_TWOFACTOR' | 'TOKEN'

export type Session = {
  /** Public id in `auth.sessions`, a UUID. */
  readonly id: string
  readonly tenant: number
  readonly uid: number
  readonly username: string
  readonly credentials: Credentials
  /** The credential behind a token, else null. */
  readonly parent: Credentials | null
  readonly scram: boolean
  /** The key that opened the session, also by way of a token. */
  readonly key: { readonly n: number; readonly name: string; readonly generation: number } | null
  /** Version of the password that opened the session; 0 with a key. */
  readonly passwordVersion: number
  readonly loginAt: number
}

/** A password that was right and waits for its second factor. */
export type PendingLogin = {
  readonly tenant: number
  readonly username: string
  readonly uid: number
  readonly passwordVersion: number
  /** Wrong codes so far: callers of 25.x may try three times (PROTOCOL 3.2). */
  readonly wrong: number
  readonly until: number
}

/** What was settled at `$connect`, and what has happened on the socket since. */
export type Connection = {
  readonly id: string
  readonly version: Version
  readonly secure: boolean
  /** Network address of the client. */
  readonly address: string
  /** First label of the host that the client asked for: may name a tenant. */
  readonly hostLabel: string
  readonly connectedAt: number
  readonly session: Session | null
  readonly pending: PendingLogin | null
  /** Subscriptions: id → collection. */
  readonly subscriptions: Readonly<Record<string, string>>
}

/** API Gateway ends a socket after two hours; what it left behind goes an hour later. */
const LIFETIME_SECONDS = 3 * 3600

export type Subscription = {
  readonly connection: string
  readonly id: string
  readonly version: Version
  readonly session: Session
}

/** How often a change is tried again that met another call's on the same socket. */
const TRIES = 6

export const createConnections = (db: Db) => {
  /**
   * Writes what follows from a connection as it stands: frames of one socket run at the same time,
   * and what one of them added the other must not overlook.
   */
  const asItIs = async <L extends string>(
    connection: Connection,
    writes: (now: Connection) => Write<L | 'MOVED'>[],
  ): Promise<Lost<L | 'GONE'> | null> => {
    let now = connection
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const lost = await db.transact<L | 'MOVED'>(writes(now))
      if (lost === null) return null
      if (lost.lost !== 'MOVED') return lost as Lost<L>
      const item = await db.get(place.connection(connection.id))
      if (item === null) return { lost: 'GONE', old: null }
      now = toConnection(connection.id, item)
    }
    throw new Fault('UNAVAILABLE')
  }
  return connectionsOf(db, asItIs)
}

type AsItIs = <L extends string>(
  connection: Connection,
  writes: (now: Connection) => Write<L | 'MOVED'>[],
) => Promise<Lost<L | 'GONE'> | null>

const connectionsOf = (db: Db, asItIs: AsItIs) => ({
  async open(connection: Connection): Promise<void> {
    const { id, ...fields } = connection
    await db.transact([
      { put: { ...place.connection(id), ...fields, ttl: ttl(connection.connectedAt) } },
    ])
  },

  async get(id: string): Promise<Connection | null> {
    const item = await db.get(place.connection(id))
    return item === null ? null : toConnection(id, item)
  },

  /** The item that a session hangs on, as `auth/session.ts` reads it. */
  holder: (session: Session): Promise<Item | null> => db.get(holderPlace(session)),

  /** A connection and, in the same request, the item that its session hangs on. */
  async withHolder(id: string, holder: Key): Promise<[Connection | null, Item | null]> {
    const [item = null, held = null] = await db.read([place.connection(id), holder])
    return [item === null ? null : toConnection(id, item), held]
  },

  /** Logs a session in, in place of the one before. Refused when its key or user has changed. */
  async login(
    connection: Connection,
    session: Session,
    holder: { rev?: number; version?: number },
  ): Promise<Lost<'CHANGED' | 'GONE'> | null> {
    const held = ['#uid = :uid', ...Object.keys(holder).map((name) => `#${name} = :${name}`)]
    return asItIs(connection, (now) => [
      {
        check: holderPlace(session),
        when: held.join(' AND '),
        values: { uid: session.uid, ...holder },
        lost: 'CHANGED',
      },
      ...leave(now, session),
      {
        update: place.connection(now.id),
        // A new login takes the place of the old one, whose subscriptions end with it.
        set: { session, pending: null, subscriptions: {} },
        ...unchanged(now),
      },
      {
        put: {
          ...sessionPlace(session, connection.id),
          session,
          address: connection.address,
          secure: connection.secure,
          ttl: ttl(connection.connectedAt),
        },
      },
    ])
  },

  async setPending(id: string, pending: PendingLogin | null): Promise<void> {
    await db.update({ update: place.connection(id), set: { pending }, when: PRESENT })
  },

  /** Uses up one attempt at a second factor. @returns false if another call has used it first. */
  async usePending(id: string, was: PendingLogin, next: PendingLogin | null): Promise<boolean> {
    const after = await db.update({
      update: place.connection(id),
      set: { pending: next },
      when: '#pending = :was',
      values: { was },
    })
    return after !== null
  },

  /** Ends the session and its subscriptions; the socket stays. */
  async logout(connection: Connection): Promise<void> {
    await asItIs(connection, (now) => [
      ...leave(now, null),
      {
        update: place.connection(now.id),
        set: { session: null, pending: null, subscriptions: {} },
        ...unchanged(now),
      },
    ])
  },

  /** Forgets a connection that is gone, with all that hangs on it. */
  async forget(connection: Connection): Promise<void> {
    await asItIs(connection, (now) => [
      ...leave(now, null),
      { delete: place.connection(now.id), ...unchanged(now) },
    ])
  },

  async subscribe(connection: Connection, session: Session, id: string, collection: string) {
    return db.transact<'GONE'>([
      {
        update: place.connection(connection.id),
        set: { subscriptions: { ...connection.subscriptions, [id]: collection } },
        when: '#session.#id = :session AND #subscriptions = :before',
        values: { session: session.id, before: connection.subscriptions },
        lost: 'GONE',
      },
      {
        put: {
          ...place.subscription(session.tenant, collection, connection.id, id),
          version: connection.version,
          session,
          ttl: ttl(connection.connectedAt),
        },
        when: ABSENT,
      },
    ])
  },

  async unsubscribe(connection: Connection, session: Session, id: string): Promise<boolean> {
    const { [id]: collection, ...rest } = connection.subscriptions
    if (collection === undefined) return true
    const lost = await db.transact<'GONE'>([
      {
        update: place.connection(connection.id),
        set: { subscriptions: rest },
        when: '#subscriptions = :before',
        values: { before: connection.subscriptions },
        lost: 'GONE',
      },
      { delete: place.subscription(session.tenant, collection, connection.id, id) },
    ])
    return lost === null
  },

  /** Takes a subscription away whose connection is gone already. */
  async dropSubscription(
    tenant: number,
    collection: string,
    { connection, id }: Pick<Subscription, 'connection' | 'id'>,
  ): Promise<void> {
    await db.transact([{ delete: place.subscription(tenant, collection, connection, id) }])
  },

  /** Who listens to a collection of a tenant. */
  async *subscribers(tenant: number, collection: string): AsyncGenerator<Subscription> {
    for await (const item of db.list(subscribers(tenant, collection))) {
      const [connection = '', id = ''] = item.sk.split('#')
      yield { connection, id, version: item.version, session: item.session }
    }
  },

  /** Sessions of a tenant; of one key or one user when `holder` says which. */
  async *sessions(tenant: number, holder?: { n: number } | { uid: number }) {
    const of =
      holder === undefined ? '' : 'n' in holder ? `K${pad(holder.n)}#` : `U${pad(holder.uid)}#`
    for await (const item of db.list(tenantPk(tenant), `SESSION#${of}`)) {
      yield {
        connection: item.sk.split('#')[2] as string,
        session: item.session as Session,
        address: item.address as string,
        secure: item.secure as boolean,
      }
    }
  },
})

export type Connections = ReturnType<typeof createConnections>

/** The item that a session lives and dies with: its key's, or its user's. */
export const holderPlace = ({ tenant, key, username }: Session): Key =>
  key === null ? place.user(tenant, username) : place.check({ tenant, n: key.n })

// ---------------------------------------------------------------------------------------------

/** Neither its session nor its subscriptions have changed since it was read. */
const unchanged = ({ session, subscriptions }: Connection) => ({
  when: '#session = :was_session AND #subscriptions = :was_subscriptions',
  values: { was_session: session, was_subscriptions: subscriptions },
  lost: 'MOVED' as const,
})

const ttl = (connectedAt: number): number => Math.floor(connectedAt / 1000) + LIFETIME_SECONDS

const sessionPlace = (session: Session, connection: string): Key =>
  place.session(session.tenant, holderOf(session), connection)

/** What a session leaves behind, but for what its successor puts in the same place. */
const leave = (connection: Connection, successor: Session | null): Write<never>[] => {
  const { session, subscriptions, id } = connection
  if (session === null) return []
  const place_ = sessionPlace(session, id)
  const replaced = successor !== null && sessionPlace(successor, id).sk === place_.sk
  const samePlace = replaced && successor.tenant === session.tenant
  return [
    ...(samePlace ? [] : [{ delete: place_ }]),
    ...Object.entries(subscriptions).map(([sub, collection]) => ({
      delete: place.subscription(session.tenant, collection, id, sub),
    })),
  ]
}

const toConnection = (id: string, item: Item): Connection => ({
  id,
  version: item.version,
  secure: item.secure,
  address: item.address,
  hostLabel: item.hostLabel,
  connectedAt: item.connectedAt,
  session: item.session ?? null,
  pending: item.pending ?? null,
  subscriptions: item.subscriptions ?? {},
})
