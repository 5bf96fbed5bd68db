/** Where each kind of item lives (docs/design.md §3). All of a tenant's data begins `T#<tenant>`: tenant isolation rests on it. */
import { createHash } from 'node:crypto'
import type { KeyRef } from '../domain/key.ts'
import type { ItemKey, UnauditedKey } from './write.ts'

/** Where a token is kept, and by which digest it is known. */
export type TokenRef = {
  readonly tenant: number
  /** The session that made it. */
  readonly session: string
  readonly slot: number
  readonly digest: string
}

/** Nine digits, so that text order is number order. */
export const pad = (n: number): string => String(n).padStart(9, '0')

export const tenantPk = (tenant: number): string => `T#${tenant}`
export const signingPk = 'SIGNING'

/**
 * Partitions by what they hold, as patterns for IAM (`dynamodb:LeadingKeys`). `tenant` takes in those of
 * a tenant's checked keys, gate, sessions, subscriptions and audit too.
 */
export const PARTITIONS = {
  service: 'SERVICE',
  signing: signingPk,
  slug: 'SLUG#*',
  tenant: 'T#*',
  checked: 'T#*#K#*',
  gate: 'T#*#G#*',
  audit: 'T#*#AUDIT#*',
  budget: 'T#*#BUDGET',
  once: 'ONCE#*',
  sessions: 'T#*#S#*',
  subscriptions: 'T#*#SUB#*',
  connection: 'C#*',
} as const

/** How the sort keys of users begin, and of keys as listed; the one of keys as checked. */
export const USER = 'USER#'
export const KEY = 'KEY#'
export const CHECK = 'CHECK'

/** What a tenant has a budget of for each minute. */
export type Budgeted = 'checks' | 'calls'

/** What isn't an `UnauditedKey` is written by `db.change` alone: with an audit entry. */
export const itemKey = {
  /** The service itself: counter of tenants, wrapped data key. */
  service: { pk: 'SERVICE', sk: 'META' },
  /** Which installation on one machine the table belongs to. */
  installation: { pk: 'SERVICE', sk: 'INSTALLATION' } as UnauditedKey,
  signingKey: (n: number): UnauditedKey => ({ pk: signingPk, sk: pad(n) }),
  /** The operator's directory of tenants. */
  directory: (tenant: number): ItemKey => ({ pk: 'SERVICE', sk: `TENANT#${pad(tenant)}` }),
  slug: (slug: string): ItemKey => ({ pk: `SLUG#${slug}`, sk: 'META' }),
  tenant: (tenant: number): ItemKey => ({ pk: tenantPk(tenant), sk: 'META' }),
  user: (tenant: number, username: string): ItemKey => ({
    pk: tenantPk(tenant),
    sk: `${USER}${username}`,
  }),
  /** A key as listed. */
  key: ({ tenant, n }: KeyRef): ItemKey => ({ pk: tenantPk(tenant), sk: listed(n) }),
  /** A key as checked: a partition of its own, so that a fleet's checks spread. */
  check: ({ tenant, n }: KeyRef): ItemKey => ({ pk: `${tenantPk(tenant)}#K#${n}`, sk: CHECK }),
  /** Salt and rounds of a key that is gone, where they don't follow from its id. */
  salt: (ref: KeyRef): ItemKey => ({ ...itemKey.check(ref), sk: 'SALT' }),
  /** One of the equal copies of a tenant's gate. */
  gate: (tenant: number, copy: number): UnauditedKey => ({
    pk: `${tenantPk(tenant)}#G#${copy}`,
    sk: 'GATE',
  }),
  keyName: (tenant: number, name: string): ItemKey => ({ pk: tenantPk(tenant), sk: named(name) }),
  /** Which keys a user has, without reading the others'. */
  owned: ({ tenant, n }: KeyRef, uid: number): ItemKey => ({
    pk: tenantPk(tenant),
    sk: owned(uid, n),
  }),
  /** A user's change that is on its way to their keys. */
  propagation: (tenant: number, uid: number): UnauditedKey => ({
    pk: tenantPk(tenant),
    sk: `PROPAGATE#${pad(uid)}`,
  }),
  /** When a key last logged in: apart from the key, since a use is no change. */
  used: ({ tenant, n }: KeyRef): UnauditedKey => ({ pk: tenantPk(tenant), sk: `USED#${pad(n)}` }),
  /** What is known of the device that has a key. */
  device: ({ tenant, n }: KeyRef): ItemKey => ({ pk: tenantPk(tenant), sk: enrolled(n) }),
  /** When a device was last seen: beside the key as checked, so that a fleet's writes spread as its checks do. */
  seen: (ref: KeyRef): UnauditedKey => ({ pk: itemKey.check(ref).pk, sk: 'SEEN' }),
  /** An enrolment token, by its digest. */
  invitation: (tenant: number, token: string): ItemKey => ({
    pk: tenantPk(tenant),
    sk: `INVITE#${digest(token)}`,
  }),
  /** How many invitations were made in an hour. */
  invited: (tenant: number, hour: number): UnauditedKey => ({
    pk: tenantPk(tenant),
    sk: `INVITED#${hour}`,
  }),
  audit: (tenant: number, at: number, id: string): ItemKey => ({
    pk: `${tenantPk(tenant)}#AUDIT#${new Date(at).toISOString().slice(0, 10)}`,
    sk: id,
  }),
  /** What is leased of a minute's budget: apart from the tenant's item, which changes write. */
  budget: (tenant: number, of: Budgeted, minute: number): UnauditedKey => ({
    pk: `${tenantPk(tenant)}#BUDGET`,
    sk: of === 'checks' ? String(minute) : `CALLS#${minute}`,
  }),
  /** One of the counts whose sum is how many keys a tenant has. */
  count: (tenant: number, part: number): ItemKey => ({ pk: countsPk(tenant), sk: String(part) }),
  /** A call with an idempotency key, by the digest of who called, the method and the key: a partition of its own, since
   * many come at once. `tenant`: null for the operator's. */
  once: (tenant: number | null, digest: string): ItemKey => ({
    pk: `${tenant === null ? '' : `${tenantPk(tenant)}#`}ONCE#${digest}`,
    sk: 'ONCE',
  }),
  /** Tries at the passwords and codes of the names in a bucket; tenant 0 is none. */
  tries: (tenant: number, bucket: number, sk: string): UnauditedKey => ({
    pk: `${tenantPk(tenant)}#TRIES#${bucket}`,
    sk,
  }),
  connection: (id: string): UnauditedKey => ({ pk: `C#${id}`, sk: 'CONN' }),
  /** A session, by whose it is, what opened it, and on which connection it is. */
  session: (tenant: number, { principal, holder }: Of, connection: string): UnauditedKey => ({
    pk: sessionsPk(tenant, shardOf(principal)),
    sk: `SESSION#${principal}#${holder}#${connection}`,
  }),
  /** Where sessions were before they had partitions of their own (docs/storage.md). */
  sessionBefore: (tenant: number, holder: string, connection: string): UnauditedKey => ({
    pk: tenantPk(tenant),
    sk: `SESSION#${holder}#${connection}`,
  }),
  subscription: (
    tenant: number,
    collection: string,
    connection: string,
    id: string,
  ): UnauditedKey => ({
    pk: subscribers(tenant, collection),
    sk: `${connection}#${id}`,
  }),
  /** A login token in one of its session's slots. The token itself is nowhere in the table. */
  token: ({
    tenant,
    session,
    slot,
  }: Pick<TokenRef, 'tenant' | 'session' | 'slot'>): UnauditedKey => ({
    pk: tenantPk(tenant),
    sk: `${tokensOf(session)}${slot}`,
  }),
}

/** Sort keys, for ranges of them. Names are in the order of their code points, as DynamoDB has text. */
export const listed = (n: number): string => `${KEY}${pad(n)}`
export const enrolled = (n: number): string => `DEVICE#${pad(n)}`
export const named = (name: string): string => `NAME#${name}`
/** Sorts after every name, and after every user. */
export const BEHIND_NAMES = 'NAME$'
export const BEHIND_USERS = 'USER$'
export const owned = (uid: number, n: number): string => `${ownedBy(uid)}${pad(n)}`

export const countsPk = (tenant: number): string => `${tenantPk(tenant)}#COUNT`
export const ownedBy = (uid: number): string => `OWN#${pad(uid)}#`
export const subscribers = (tenant: number, collection: string): string =>
  `${tenantPk(tenant)}#SUB#${collection}`
export const tokensOf = (session: string): string => `TOKEN#${session}#`

/** Whose a session is, a user's or a device's; and what opened it, a key or a password. */
export type Of = { readonly principal: string; readonly holder: string }

/** Partitions of a tenant's sessions. */
export const SESSION_SHARDS = 64
export const sessionsPk = (tenant: number, shard: number): string =>
  `${tenantPk(tenant)}#S#${shard}`

/** The partition of a principal's sessions: all of them are in one. */
export const shardOf = (principal: string): number =>
  createHash('sha256').update(principal).digest().readUInt32BE() % SESSION_SHARDS

/** Prefix of principals that are devices. */
export const DEVICE = 'D'
/** A device is a principal of its own: all of them belong to one user. */
export const principalOf = (key: { uid: number; n?: number; device?: boolean }): string =>
  key.device && key.n !== undefined ? `${DEVICE}${pad(key.n)}` : `U${pad(key.uid)}`
export const heldByKey = (n: number): string => `K${pad(n)}`
export const BY_PASSWORD = 'P'

/** Tokens are random enough that nobody finds one by its digest. */
export const digest = (token: string): string =>
  createHash('sha256').update(token).digest('base64url')
