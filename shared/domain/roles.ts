/**
 * Roles and what they include (docs/protocol/keys.md §4.4). The service itself looks at few of them; a user may
 * hold any role of a TrueNAS system, for devices that ask what a key may do.
 */

/** Roles that this service gives a meaning to. */
export const ROLES = [
  'FULL_ADMIN',
  'READONLY_ADMIN',
  'SHARING_ADMIN',
  'ACCOUNT_READ',
  'ACCOUNT_WRITE',
  'API_KEY_READ',
  'API_KEY_WRITE',
  'AUTH_SESSIONS_READ',
  'AUTH_SESSIONS_WRITE',
  /** May ask whether a key is good (ours). */
  'KEY_VALIDATE',
] as const
/** All that a device's key may do, whatever its user may. */
export const DEVICE_ROLE = 'KEY_VALIDATE' satisfies (typeof ROLES)[number]
export type Role = (typeof ROLES)[number]

/** Each opens a place of the portal, beside what everybody has there: the own keys and account. */
export const PORTAL_ROLES = [
  'API_KEY_READ',
  'ACCOUNT_READ',
  'AUTH_SESSIONS_READ',
] as const satisfies readonly Role[]

/** A role's name: ours, or any of a TrueNAS system's. */
export const ROLE_NAME = /^[A-Z][A-Z0-9_]{0,63}$/

/** True if holding `roles` amounts to holding `role`. */
export const holds = (roles: readonly string[], role: string): boolean =>
  roles.some((held) => includes(held, role))

/** True if holding `mine` amounts to holding all of `theirs`. */
export const covers = (mine: readonly string[], theirs: readonly string[]): boolean =>
  theirs.every((role) => holds(mine, role))

/**
 * Roles that a credential never exceeds: those that its maker could hand out then. `null` is no ceiling.
 */
export type Ceiling = readonly string[] | null

/** The ceiling of what somebody with these roles makes; none for who may hand out everything. */
export const ceilingOf = (roles: readonly string[]): Ceiling =>
  holds(roles, 'FULL_ADMIN') ? null : roles

/** What is left of a user's roles under a ceiling: each role that both amount to holding. */
export const under = (ceiling: Ceiling, roles: readonly string[]): readonly string[] => {
  if (ceiling === null) return roles
  const both = [...roles, ...roles.map(reading), ...ceiling, ...ceiling.map(reading)].filter(
    (role) => holds(roles, role) && holds(ceiling, role),
  )
  // Without those that another one includes.
  return [...new Set(both)].filter(
    (role) => !both.some((one) => one !== role && holds([one], role)),
  )
}

/** The roles held and all of ours that they include, for `auth.me`. */
export const expand = (roles: readonly string[]): Set<string> =>
  new Set([...roles, ...ROLES.filter((role) => holds(roles, role))])

/** What is left of a user's roles in the key of a device: KEY_VALIDATE at the most. */
export const ofDevice = (roles: readonly string[]): readonly string[] =>
  holds(roles, DEVICE_ROLE) ? [DEVICE_ROLE] : []

// ---------------------------------------------------------------------------------------------

/** The reading half of a role: what two roles have in common may be that alone. */
const reading = (role: string): string => role.replace(/_WRITE$/, '_READ')

const includes = (held: string, role: string): boolean => {
  if (held === role || held === 'FULL_ADMIN') return true
  if (held === 'SHARING_ADMIN') return includes('READONLY_ADMIN', role)
  if (held === 'READONLY_ADMIN') return role.endsWith('_READ')
  return role === reading(held)
}
