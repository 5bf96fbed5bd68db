/**
 * Users in the table. A change of roles or lock raises the user's version and puts him on the
 * sweep's index until all his keys carry it: a change cut short is finished by the next minute.
 */
import { covers } from '../auth/roles.ts'
import { type Actor, audit } from './audit.ts'
import { type Db, ENDING, type Lost } from './db.ts'
import type { Owner } from './key-items.ts'
import { place, tenantPk } from './places.ts'
import { TABLE } from './table.ts'
import { ABSENT, type Item, type Key, type Write } from './write.ts'

/** A second factor: the secret is sealed under the tenant's data key. */
export type SecondFactor = {
  readonly sealed: Uint8Array
  readonly dataKey: number
  readonly digits: number
  readonly interval: number
  /** Time step of the last code that was accepted: none is good twice. */
  readonly lastStep: number
  /** Keyed hashes of the recovery codes that are left; none of factors from before there were any. */
  readonly recovery?: readonly string[]
}

/** A second factor that nobody has shown a code of yet: it counts for nothing. */
export type PendingFactor = Pick<SecondFactor, 'sealed' | 'dataKey' | 'digits' | 'interval'> & {
  readonly until: number
}

/** Tries to prove oneself anew in a session, since some time. */
export type Tries = { readonly count: number; readonly until: number }

export type User = Owner & {
  readonly tenant: number
  readonly fullName: string
  readonly createdAt: number
  /** Salted hash, or null for a user who can't log in with a password. */
  readonly password: string | null
  /** Counts all changes of the item: the condition of every change. */
  readonly rev: number
  /** Counts the changes of password and second factor; a session belongs to one. */
  readonly passwordVersion: number
  readonly secondFactor: SecondFactor | null
  readonly pendingFactor: PendingFactor | null
  readonly tries: Tries | null
  /** True from the moment a deletion began. */
  readonly deleted: boolean
}

export type UserChange = {
  readonly fullName?: string
  readonly roles?: readonly string[]
  readonly locked?: boolean
  readonly password?: string | null
  readonly secondFactor?: SecondFactor | null
  readonly pendingFactor?: PendingFactor | null
  readonly tries?: null
  readonly deleted?: true
}

/** Who changes a user, when, and which event that is. */
type Deed = { readonly event: string; readonly at: number; readonly actor: Actor }

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
   * Changes a user as read, or refuses. What the user's keys copy (roles, lock, deletion) raises the
   * version; `settled` must follow once they all carry it. What the user proves themselves by raises
   * the password's version: sessions and tokens from before are over.
   * @param also what is written with it, or not at all.
   */
  async change<L extends string = never>(
    user: User,
    to: UserChange,
    { event, at, actor }: Deed,
    also: readonly Write<L>[] = [],
  ): Promise<Lost<L | 'USER_CHANGED'> | User> {
    const copied = to.roles !== undefined || to.locked !== undefined || to.deleted !== undefined
    const set = {
      ...to,
      ...(to.deleted && { locked: true }),
      ...(provesDifferently(to) && { passwordVersion: user.passwordVersion + 1 }),
      ...(copied && { version: user.version + 1, ...visitNow(at) }),
    }
    const ends = takesRights(user, to)
    const lost = await db.transact<L | 'USER_CHANGED'>(
      [
        {
          update: place.user(user.tenant, user.username),
          set,
          add: { rev: 1 },
          // What ends rights stands by itself: nobody keeps them by changing other things all the time.
          ...(ends && isAbsolute(to) ? asRanked(user) : asRead(user)),
        },
        audit(user.tenant, at, actor, event, user.username),
        ...also,
      ],
      ends ? ENDING : undefined,
    )
    return lost ?? { ...user, ...set, rev: user.rev + 1 }
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

  /**
   * Notes that a code was used, by the second factor as it is after it. A recovery code is an event: there are few.
   * @returns false if the user changed meanwhile: another call may have used the same code.
   */
  async useCode(user: User, secondFactor: SecondFactor, deed: Deed): Promise<boolean> {
    const update = {
      update: place.user(user.tenant, user.username),
      set: { secondFactor, rev: user.rev + 1 },
      ...asRead(user),
    }
    if (secondFactor.recovery?.length === user.secondFactor?.recovery?.length)
      return (await db.update(update)) !== null
    const { event, at, actor } = deed
    const entry = audit(user.tenant, at, actor, event, user.username)
    return (await db.transact<'USER_CHANGED'>([update, entry])) === null
  },

  /** Counts a try before it is judged: calls at the same time are not more of them. @returns null if the user
   * changed meanwhile. */
  async countTry(user: User, tries: Tries): Promise<User | null> {
    const set = { tries, rev: user.rev + 1 }
    const at = place.user(user.tenant, user.username)
    const after = await db.update({ update: at, set, ...asRead(user) })
    return after === null ? null : { ...user, ...set }
  },
})

export type Users = ReturnType<typeof createUsers>

/** Whether a change takes something from a user that they could do. */
export const takesRights = (user: User, to: UserChange): boolean =>
  to.locked === true || to.deleted === true || !covers(to.roles ?? user.roles, user.roles)

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
  pendingFactor: null,
  tries: null,
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
  pendingFactor: item.pendingFactor ?? null,
  tries: item.tries ?? null,
  deleted: item.deleted ?? false,
})

// ---------------------------------------------------------------------------------------------

/** Nobody has changed the user since. */
const asRead = ({ rev, uid }: User) => ({
  when: '#rev = :rev AND #uid = :uid',
  values: { rev, uid },
  lost: 'USER_CHANGED' as const,
})

/** Roles, lock and deletion are as they were when the user was read. */
const asRanked = ({ version, uid }: User) => ({
  when: '#version = :version AND #uid = :uid',
  values: { version, uid },
  lost: 'USER_CHANGED' as const,
})

/** Whether a change says all that it makes of what it names, and goes on from nothing that was read but rights. */
const isAbsolute = (to: UserChange): boolean => Object.keys(to).every((what) => ABSOLUTE.has(what))
const ABSOLUTE: ReadonlySet<string> = new Set<keyof UserChange>([
  'fullName',
  'roles',
  'locked',
  'deleted',
])

const provesDifferently = ({ password, secondFactor }: UserChange): boolean =>
  password !== undefined || secondFactor !== undefined

/** A changed user is due at once; all of them share one shard, for they are few. */
const visitNow = (at: number): Record<string, unknown> => ({
  [TABLE.expiryIndex.partitionKey]: '0',
  [TABLE.expiryIndex.sortKey]: at,
})
