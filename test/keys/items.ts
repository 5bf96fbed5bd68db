/** A key's item, as the table has it, for rules that nothing else is needed for. */
import type { Session } from '../../shared/store/connection-items.ts'

const AT = Date.UTC(2026, 10, 23)

export const KEY_ITEM = {
  n: 1,
  name: 'nas',
  username: 'bob',
  uid: 2,
  local: true,
  createdAt: AT,
  expires: null,
  generation: 3,
  issuedAt: AT,
  dataKey: 1,
  sealed: new Uint8Array(),
  fingerprint: new Uint8Array(),
  roles: ['API_KEY_WRITE', 'ACCOUNT_READ'],
  locked: false,
  userVersion: 5,
} as const

/** Its secret before a reset with a minute of grace. */
export const PREVIOUS = {
  generation: 2,
  issuedAt: AT,
  dataKey: 1,
  sealed: new Uint8Array(),
  ceiling: ['API_KEY_READ'],
  until: AT + 60_000,
} as const

/** A session that it opened. */
export const BY_KEY = {
  id: 's',
  tenant: 7,
  uid: 2,
  username: 'bob',
  credentials: 'API_KEY',
  parent: null,
  scram: false,
  key: { n: 1, name: 'nas', generation: 3 },
  passwordVersion: 0,
  loginAt: KEY_ITEM.createdAt,
} as const satisfies Session
