/**
 * Users in the table. A change of roles or lock raises the user's version, and goes into the tenant's gate with
 * it: it holds for all of the user's keys at once, and reaches them in the background.
 */
import type { SecondFactor } from '../crypto/second-factor.ts'
import type { AuditData, UserEvent } from '../domain/audit-events.ts'
import { covers } from '../domain/roles.ts'
import type { Act, Actor, AuditedAct } from './audit.ts'
import { type Conflict, type Db, ENDING, type Pages } from './db.ts'
import type { Gates } from './gate.ts'
import { BEHIND_USERS, itemKey, tenantPk, USER } from './item-keys.ts'
import type { Owner } from './key-items.ts'
import { type Once, recording } from './once.ts'
import { propagating } from './propagations.ts'
import { toUser, type User, type UserChange, userItem } from './user-items.ts'
import { ABSENT, unaudited, type Write } from './write.ts'

/** `to` null: up to the last. */
type Names = Pages & { readonly from?: string; readonly to?: string | null }

/** How a change is made, beside what it changes. */
type How<L extends string> = {
  /** Further writes of the same transaction. */
  readonly also?: readonly Write<L>[]
  /** The gate keeps the change and no key copies it: for the devices' user. */
  readonly isForGood?: boolean
}

export const createUsers = (db: Db, gates: Gates) => ({
  async get(tenant: number, username: string): Promise<User | null> {
    const item = await db.get(itemKey.user(tenant, username))
    return item === null ? null : toUser(item, tenant)
  },

  /** The users of some names, in the order of the names. */
  async named(tenant: number, usernames: readonly string[]): Promise<User[]> {
    const items = await db.read(usernames.map((name) => itemKey.user(tenant, name)))
    return items.flatMap((item) => (item === null ? [] : [toUser(item, tenant)]))
  },

  /** All users in the order of their names, or those of some names, both ends included. */
  async *all(tenant: number, { from = '', to = null, ...pages }: Names = {}): AsyncGenerator<User> {
    const range = { from: `${USER}${from}`, to: to === null ? BEHIND_USERS : `${USER}${to}` }
    for await (const item of db.range(tenantPk(tenant), { ...range, ...pages }))
      yield toUser(item, tenant)
  },

  /** @returns the user as their item says it. */
  async add(
    user: User,
    actor: Actor,
    once?: Once,
  ): Promise<Conflict<'REPEATED' | 'NAME_TAKEN'> | User> {
    const { tenant, createdAt: at, username, fullName: full_name, roles, locked } = user
    const after = { full_name, roles, locked, password_disabled: user.password === null }
    const data = { event: 'user.create', subject: { user: username }, after } as const
    const item = userItem(user)
    const conflict = await db.change<'REPEATED' | 'NAME_TAKEN'>({ tenant, at, actor, ...data }, [
      ...recording(once, username, at),
      { put: item, when: ABSENT, conflict: 'NAME_TAKEN' },
    ])
    return conflict ?? toUser(item, user.tenant)
  },

  /**
   * Changes a user as read, or refuses. What the user's keys copy (roles, lock, deletion) holds for all of them
   * from then on; it is for the caller, or the sweep, to bring it to them. What the user proves themselves by
   * raises the password's version: sessions and tokens from before are over.
   * @returns `FULL` if no more changes fit into the tenant's gate; else the user as read, with the change. What it
   * didn't compare may be another by now.
   */
  async change<L extends string = never>(
    user: User,
    to: UserChange,
    { event, at, actor }: AuditedAct<UserEvent>,
    { also = [], isForGood = false }: How<L> = {},
  ): Promise<Conflict<L | 'USER_CHANGED' | 'FULL'> | User> {
    const { tenant, uid } = user
    const isCopied = Object.keys(to).some((what) => what in COPIED)
    if (isCopied && !(await gates.hasRoom(tenant, uid, takesRights(user, to))))
      return { reason: 'FULL', old: null }
    const versions = {
      rev: user.rev + 1,
      ...(provesDifferently(to) && { passwordVersion: user.passwordVersion + 1 }),
      ...(isCopied && { version: user.version + (endsAuthority(to) ? LEAP : 1) }),
    }
    const after: User = { ...user, ...to, ...(to.deleted && { locked: true }), ...versions }
    const conflict = await db.change<L | 'USER_CHANGED'>(
      { tenant, at, actor, ...auditDataOf(event, user, to) },
      [
        changing(user, to, versions),
        ...(isCopied ? propagating(after, at, isForGood) : []),
        ...also,
      ],
      takesRights(user, to) || isPassword(to) ? ENDING : undefined,
    )
    return conflict ?? after
  },

  /**
   * Notes that a code was used. Only recovery codes are audited, since there are few.
   * @param secondFactor as it is after that.
   * @returns false if the user changed meanwhile: another call may have used the same code.
   */
  async useCode(user: User, secondFactor: SecondFactor, { at, actor }: Act): Promise<boolean> {
    const { tenant, username } = user
    const update = {
      update: unaudited(itemKey.user(tenant, username)),
      set: { secondFactor, rev: user.rev + 1 },
      ...asRead(user),
    }
    if (secondFactor.recovery?.length === user.secondFactor?.recovery?.length)
      return (await db.update(update)) !== null
    const used = { event: 'user.use_recovery_code', subject: { user: username } } as const
    return (await db.change<'USER_CHANGED'>({ tenant, at, actor, ...used }, [update])) === null
  },
})

export type Users = ReturnType<typeof createUsers>

/** Whether a change takes rights from a user. */
export const takesRights = (user: User, to: UserChange): boolean =>
  to.locked === true || to.deleted === true || !covers(to.roles ?? user.roles, user.roles)

// ---------------------------------------------------------------------------------------------

/** What keys copy of their user, and so goes into the gate with a change: what an owner has that can change. */
const COPIED: Readonly<Record<keyof UserChange & (keyof Owner | 'deleted'), true>> = {
  roles: true,
  locked: true,
  deleted: true,
}

/** Nobody has changed the user since. */
const asRead = ({ rev, uid }: User) => ({
  when: '#rev = :rev AND #uid = :uid',
  values: { rev, uid },
  conflict: 'USER_CHANGED' as const,
})

/** Whether a change takes all authority from a user. */
export const endsAuthority = ({ locked, deleted }: UserChange): boolean =>
  locked === true || deleted === true

/** How far a lock raises the version that it read: changes that come between must not overtake it. */
const LEAP = 1000

/** The user's item in a change of it: on which conditions, and what becomes of it. */
const changing = (
  user: User,
  to: UserChange,
  versions: { rev: number; passwordVersion?: number; version?: number },
): Write<'USER_CHANGED'> => {
  const at = itemKey.user(user.tenant, user.username)
  if (isPassword(to)) {
    // No revision is compared: a thief's session by the old password may change the item all the time.
    const { rev: _, ...counts } = versions
    return { update: at, set: { ...to, ...counts }, add: { rev: 1 }, ...asProven(user) }
  }
  if (!isBlind(user, to)) return { update: at, set: { ...to, ...versions }, ...asRead(user) }
  // No revision is compared where rights are taken: nobody keeps them by changing other things all the time.
  const { version } = versions
  const taking = { update: at, set: { ...to, version }, add: { rev: 1 } }
  if (!endsAuthority(to)) return { ...taking, ...asRanked(user) }
  const { roles, uid } = user
  const still = {
    when: '#uid = :uid AND #roles = :roles AND #version < :version',
    values: { uid, roles, version },
    conflict: 'USER_CHANGED' as const,
  }
  return to.deleted ? { delete: at, ...still } : { ...taking, ...still }
}

/**
 * What an entry says of a change. Before it is what `changing` holds: where that compares no revision, the full name may
 * have become another since it was read, and the user may have been locked or unlocked.
 */
const auditDataOf = (event: UserEvent, user: User, to: UserChange): AuditData<UserEvent> => {
  const subject = { user: user.username }
  if (event === 'user.delete') return { event, subject, before: { roles: user.roles } }
  const { fullName, roles, locked, password, secondFactor, ...others } = to
  const { passwordCeiling: _, pendingFactor: __, deleted: ___, ...unsaid } = others
  // A field that is added to changes doesn't compile until it is shown below, or left out above.
  unsaid satisfies Record<string, never>
  return {
    event,
    subject,
    before: {
      full_name: isBlind(user, to) ? undefined : user.fullName,
      roles: user.roles,
      locked: endsAuthority(to) ? undefined : user.locked,
      password_disabled: user.password === null,
      twofactor_auth_configured: user.secondFactor !== null,
      password_version: user.passwordVersion,
    },
    after: {
      full_name: fullName,
      roles,
      locked,
      password_disabled: password === undefined ? undefined : password === null,
      twofactor_auth_configured: secondFactor === undefined ? undefined : secondFactor !== null,
      password_version: provesDifferently(to) ? user.passwordVersion + 1 : undefined,
    },
  }
}

/** Roles, lock and deletion are as they were when the user was read. */
const asRanked = ({ version, uid }: User) => ({
  when: '#version = :version AND #uid = :uid',
  values: { version, uid },
  conflict: 'USER_CHANGED' as const,
})

/** The user has the same rights, and proves themselves by the same, as when they were read. */
const asProven = ({ version, passwordVersion, uid }: User) => ({
  when: '#version = :version AND #passwordVersion = :passwordVersion AND #uid = :uid',
  values: { version, passwordVersion, uid },
  conflict: 'USER_CHANGED' as const,
})

/** Whether a change is one of the password alone. */
const isPassword = (to: UserChange): boolean =>
  to.password !== undefined &&
  Object.keys(to).every((what) => what === 'password' || what === 'passwordCeiling')

/** Whether a change compares no more of a user than their rights. */
const isBlind = (user: User, to: UserChange): boolean => takesRights(user, to) && isAbsolute(to)

/** Whether a change sets values that follow from nothing that was read but rights. */
const isAbsolute = (to: UserChange): boolean => Object.keys(to).every((what) => ABSOLUTE.has(what))
const ABSOLUTE: ReadonlySet<string> = new Set<keyof UserChange>([
  'fullName',
  'roles',
  'locked',
  'deleted',
])

const provesDifferently = ({ password, secondFactor }: UserChange): boolean =>
  password !== undefined || secondFactor !== undefined
