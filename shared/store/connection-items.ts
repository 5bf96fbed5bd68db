/** A socket's items: the connection, the session on it, what it subscribed to; and how they are read. */

import type { Version } from '../domain/versions.ts'
import type { TokenRef } from './item-keys.ts'
import { BY_PASSWORD, heldByKey, itemKey, type Of, pad, principalOf } from './item-keys.ts'
import type { Item, ItemKey, UnauditedKey } from './write.ts'

/** How a session came about, as `auth.sessions` names it (docs/protocol/login.md §3.5). */
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
  /** Version of the password and second factor that opened the session; 0 with a key. */
  readonly passwordVersion: number
  /** Whose it is, as in its item key. Absent in sessions from before those had partitions of their own. */
  readonly principal?: string
  readonly loginAt: number
  /** When it ends, with all sessions that its tokens opened: counted from the login by key or password, since no token
   * prolongs that. Absent in older sessions. */
  readonly ends?: number
  /** The token that opened it, unless it was a single-use one. It ends with the session. */
  readonly token?: TokenRef
  /** Id of the session by key or password that began its chain of tokens. Absent in that session itself. */
  readonly root?: string
  /** Sessions in its chain of tokens that had other open tokens when it logged in, the nearest last. */
  readonly from?: readonly Ancestor[]
}

export type Ancestor = { readonly id: string; readonly connection: string }

/** A password that was right and waits for its second factor. */
export type PendingLogin = {
  readonly tenant: number
  readonly username: string
  readonly uid: number
  readonly passwordVersion: number
  /** Wrong codes so far: callers of 25.x may try three times (docs/protocol/login.md §3.2). */
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
  /** Counts the changes of these three, since an equal state may be a later one: nobody logged in, above all. */
  readonly rev: number
}

export type Subscription = {
  readonly connection: string
  readonly id: string
  readonly version: Version
  readonly session: Session
}

/** The item that a session depends on: its key's, or its user's. */
export const holderKey = ({ tenant, key, username }: Session): ItemKey =>
  key === null ? itemKey.user(tenant, username) : itemKey.check({ tenant, n: key.n })

/** Whose a session is, and what opened it. */
export const ownerOf = (session: Session & { readonly device?: true }): Of => {
  const { principal, uid, key, device } = session
  return {
    principal:
      principal ?? principalOf({ uid, ...(key && { n: key.n }), ...(device && { device }) }),
    holder: key === null ? BY_PASSWORD : heldByKey(key.n),
  }
}

/** Where a session is listed, on its connection. */
export const sessionKey = (session: Session, connection: string): UnauditedKey => {
  const { tenant, uid, key, principal } = session
  if (principal !== undefined) return itemKey.session(tenant, ownerOf(session), connection)
  return itemKey.sessionBefore(tenant, key === null ? `U${pad(uid)}` : heldByKey(key.n), connection)
}

export const toConnection = (id: string, item: Item): Required<Connection> => ({
  id,
  version: item.version,
  secure: item.secure,
  address: item.address,
  hostLabel: item.hostLabel,
  connectedAt: item.connectedAt,
  session: item.session ?? null,
  pending: item.pending ?? null,
  subscriptions: item.subscriptions ?? {},
  rev: item.rev ?? 0,
})
