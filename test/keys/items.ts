/** A key's item, as the table has it, for rules that nothing else is needed for. */
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
