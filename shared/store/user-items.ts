/** A user's item: what it says, and how it is read. */
import type { PendingFactor, SecondFactor } from '../crypto/second-factor.ts'
import type { Ceiling } from '../domain/roles.ts'
import { itemKey } from './item-keys.ts'
import type { Owner } from './key-items.ts'
import type { Item, ItemKey } from './write.ts'

export type User = Owner & {
  readonly tenant: number
  readonly fullName: string
  readonly createdAt: number
  /** Salted hash, or null for a user who can't log in with a password. */
  readonly password: string | null
  /** Roles that a login by the password never exceeds: those of who set it for this user. Null for one's own. */
  readonly passwordCeiling: Ceiling
  /** Counts all changes of the item. */
  readonly rev: number
  /** Counts the changes of password and second factor; a session belongs to one. */
  readonly passwordVersion: number
  readonly secondFactor: SecondFactor | null
  readonly pendingFactor: PendingFactor | null
  /** True for a deleted user, whose item is gone unless an earlier version of the service began the deletion. */
  readonly deleted: boolean
}

/** What never changes of a user, or is counted with each change. */
type Fixed = 'tenant' | 'uid' | 'username' | 'local' | 'createdAt' | Counted
type Counted = 'version' | 'rev' | 'passwordVersion'

/** What a change makes of a user. What isn't named stays. */
export type UserChange = Partial<Omit<User, Fixed | 'deleted'>> & { readonly deleted?: true }

/** What is said of a user who is to be made. */
export type NewUser = Omit<User, 'local' | Counted | NotYet | Optional> &
  Partial<Pick<User, Optional>>
type NotYet = 'secondFactor' | 'pendingFactor' | 'deleted'
type Optional = 'password' | 'passwordCeiling' | 'locked'

/** A user at the beginning: all counters are 1. Unless said otherwise they aren't locked, and can't log in with a
 * password. */
export const newUser = (facts: NewUser): User => ({
  password: null,
  passwordCeiling: null,
  locked: false,
  ...facts,
  local: true,
  version: 1,
  rev: 1,
  passwordVersion: 1,
  secondFactor: null,
  pendingFactor: null,
  deleted: false,
})

export const userItem = ({ tenant, ...fields }: User): ItemKey & Item => ({
  ...itemKey.user(tenant, fields.username),
  ...fields,
})

export const toUser = (item: Item, tenant: number): Required<User> => ({
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
  passwordCeiling: item.passwordCeiling ?? null,
  passwordVersion: item.passwordVersion,
  secondFactor: item.secondFactor ?? null,
  pendingFactor: item.pendingFactor ?? null,
  deleted: item.deleted ?? false,
})
