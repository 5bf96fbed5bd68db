/**
 * Users in the table. A change of roles or lock raises the user's version and puts him on the
 * sweep's index until all his keys carry it: a change cut short is finished by the next minute.
 */
import { type Actor, audit } from './audit.ts'
import type { Db, Lost } from './db.ts'
import type { Owner } from './key-items.ts'
import { place, tenantPk } from './places.ts'
import { TABLE } from './table.ts'
import { ABSENT, type Item, type Key } from './write.ts'

/** A second factor: the secret is sealed under the tenant's data key. */
export type SecondFactor = {
  readonly sealed: Uint8Array
  readonly dataKey: number
  readonly digits: number
  readonly interval: number
  /** Time step of the last code that was accepted: none is good twice. */
  readonly lastStep: number
}

export type User = Owner & {
  readonly tenant: number
  readonly fullName: string
  readonly createdAt: number
  /** Salted hash, or null for a user who can't log in with a password. */
  readonly password: string | null
  /** Counts all changes of the item: the condition of every change. */
  readonly rev: number
  /** Counts the password's changes; a session belongs to one. */
  readonly passwordVersion: number
  readonly secondFactor: SecondFactor | null
  /** True from the moment a deletion began. */
  readonly deleted: boolean
}

export type UserChange = {
  readonly fullName?: string
  readonly roles?: readonly string[]
  readonly locked?: boolean
  readonly password?: string | null
  readonly secondFactor?: SecondFactor | null
  readonly deleted?: true
}

export const createUsers = (db: Db) => ({
  async get(tenant: number, username: string): Promise<User | null> {
    const item = await db.get(place.user(tenant, username))
    return item === null ? null : toUser(item, tenant)
  },

  /** The users of some names, in the order of the names. */
  async named(tenant: number, usernames: readonly string[]): Promise<User[]> {
    const items = await db.read(usernames.map((name) => place.user(tenant, name)))
    return items.flatMap((item) => (item === null ? [] : [toUser(item, tenant)]))
  },

  async *all(tenant: number): AsyncGenerator<User> {
    for await (const item of db.list(tenantPk(tenant), 'USER#')) yield toUser(item, tenant)
  },

  add(user: User, actor: Actor): Promise<Lost<'NAME_TAKEN'> | null> {
    return db.transact<'NAME_TAKEN'>([
      { put: userItem(user), when: ABSENT, lost: 'NAME_TAKEN' },
      audit(user.tenant, user.createdAt, actor, 'user.create', user.username),
    ])
  },

  /**
   * Changes a user as he was read, or refuses. What his keys copy (roles, lock, deletion) raises
   * his version; `settled` must follow once they all carry it.
   */
  async change(
    user: User,
    to: UserChange,
    { event, at, actor }: { event: string; at: number; actor: Actor },
  ): Promise<Lost<'USER_CHANGED'> | User> {
    const copied = to.roles !== undefined || to.locked !== undefined || to.deleted !== undefined
    const set = {
      ...to,
      ...(to.deleted && { locked: true }),
      ...(to.password !== undefined && { passwordVersion: user.passwordVersion + 1 }),
      ...(copied && { version: user.version + 1, ...visitNow(at) }),
      rev: user.rev + 1,
    }
    const lost = await db.transact<'USER_CHANGED'>([
      {
        update: place.user(user.tenant, user.username),
        set,
        when: '#rev = :rev AND #uid = :uid',
        values: { rev: user.rev, uid: user.uid },
        lost: 'USER_CHANGED',
      },
      audit(user.tenant, at, actor, event, user.username),
    ])
    return lost ?? { ...user, ...set }
  },

  /** All keys carry this version of the user: the sweep need not come. */
  async settled(user: User): Promise<void> {
    await db.update({
      update: place.user(user.tenant, user.username),
      remove: Object.keys(visitNow(0)),
      when: '#uid = :uid AND #version = :version',
      values: { uid: user.uid, version: user.version },
    })
  },

  /** Takes away a user whose deletion has reached all his keys. */
  async remove(user: User): Promise<void> {
    await db.transact<'GONE'>([
      {
        delete: place.user(user.tenant, user.username),
        when: '#uid = :uid AND #deleted = :yes',
        values: { uid: user.uid, yes: true },
        lost: 'GONE',
      },
    ])
  },

  /** Marks a one-time code's time step as used. @returns false if it, or a later one, was. */
  async useStep(user: User, step: number): Promise<boolean> {
    const { secondFactor } = user
    if (secondFactor === null) return false
    const after = await db.update({
      update: place.user(user.tenant, user.username),
      set: { secondFactor: { ...secondFactor, lastStep: step }, rev: user.rev + 1 },
      when: '#rev = :rev AND #uid = :uid',
      values: { rev: user.rev, uid: user.uid },
    })
    return after !== null && step > secondFactor.lastStep
  },
})

export type Users = ReturnType<typeof createUsers>

/** What is said of a user who is to be made. */
export type NewUser = Pick<
  User,
  'tenant' | 'uid' | 'username' | 'fullName' | 'roles' | 'createdAt'
> &
  Partial<Pick<User, 'password' | 'locked'>>

/** A user as he begins: all that is counted of him is 1. Unless said otherwise he is not locked, and can't
 * log in with a password. */
export const newUser = (facts: NewUser): User => ({
  password: null,
  locked: false,
  ...facts,
  local: true,
  version: 1,
  rev: 1,
  passwordVersion: 1,
  secondFactor: null,
  deleted: false,
})

/** The user that an item belongs to, or null for any other kind. */
export const userRef = ({ pk, sk }: Key): { tenant: number; username: string } | null => {
  const [, tenant] = /^T#([0-9]+)$/.exec(pk) ?? []
  return tenant !== undefined && sk.startsWith('USER#')
    ? { tenant: Number(tenant), username: sk.slice('USER#'.length) }
    : null
}

export const userItem = ({ tenant, ...fields }: User): Item => ({
  ...place.user(tenant, fields.username),
  ...fields,
})

export const toUser = (item: Item, tenant: number): User => ({
  tenant,
  uid: item.uid,
  username: item.username,
  fullName: item.fullName,
  roles: item.roles,
  locked: item.locked,
  local: item.local,
  version: item.version,
  rev: item.rev,
  createdAt: item.createdAt,
  password: item.password ?? null,
  passwordVersion: item.passwordVersion,
  secondFactor: item.secondFactor ?? null,
  deleted: item.deleted ?? false,
})

// ---------------------------------------------------------------------------------------------

/** A changed user is due at once; all of them share one shard, for they are few. */
const visitNow = (at: number): Record<string, unknown> => ({
  [TABLE.expiryIndex.partitionKey]: '0',
  [TABLE.expiryIndex.sortKey]: at,
})
