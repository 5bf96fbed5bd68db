/** Whether a session still holds, by each thing that it depends on. */
import { describe, expect, it } from 'vitest'
import { LOGIN_MS, loginOf, resolveSession, sessionEnd } from '../../shared/sessions/session.ts'
import type { Session } from '../../shared/store/connection-items.ts'
import { BY_KEY, KEY_ITEM, PREVIOUS } from '../keys/items.ts'

const NOW = KEY_ITEM.createdAt
const BY_PASSWORD: Session = {
  ...BY_KEY,
  credentials: 'LOGIN_PASSWORD',
  key: null,
  passwordVersion: 4,
}
const USER = {
  uid: 2,
  username: 'bob',
  roles: ['API_KEY_WRITE', 'ACCOUNT_READ'],
  locked: false,
  version: 5,
  passwordVersion: 4,
}

type Given = { session?: object; holder?: object | null; gate?: object | null; now?: number }
const byKey = ({ session, holder = {}, gate = null, now = NOW }: Given = {}) =>
  resolveSession({ ...BY_KEY, ...session }, holder && { ...KEY_ITEM, ...holder }, gate, now)
const byPassword = ({ session, holder = {}, gate = null, now = NOW }: Given = {}) =>
  resolveSession({ ...BY_PASSWORD, ...session }, holder && { ...USER, ...holder }, gate, now)

describe.each([
  ['key', byKey],
  ['password', byPassword],
])('a session by %s', (_, resolve) => {
  it('holds with the rights of its user as they are now', () => {
    const roles = ['API_KEY_WRITE', 'ACCOUNT_READ']
    expect(resolve()).toMatchObject({ id: 's', roles, ceiling: null, version: 5 })
    expect(resolve()).not.toHaveProperty('device')
    expect(resolve()).not.toHaveProperty('root')
    expect(resolve({ holder: { roles: [] } })?.roles).toEqual([])
  })

  it('is over when what it hangs on is gone, or another’s', () => {
    expect(resolve({ holder: null })).toBeNull()
    expect(resolve({ holder: { uid: 3 } })).toBeNull()
    expect(resolve({ holder: { locked: true } })).toBeNull()
    expect(resolve({ gate: { suspended: true } })).toBeNull()
  })

  it('is over thirty days after the login, or when it says', () => {
    expect(resolve({ now: NOW + LOGIN_MS - 1 })).not.toBeNull()
    expect(resolve({ now: NOW + LOGIN_MS })).toBeNull()
    expect(resolve({ session: { ends: NOW + 1 } })).not.toBeNull()
    expect(resolve({ session: { ends: NOW } })).toBeNull()
  })

  it('is over when the others were signed out, unless it is the one that stays', () => {
    const logins = { before: NOW, self: 'other', but: 'new root' }
    const over = (more: object, session: object = {}) =>
      resolve({ session, gate: { logins: { ...logins, ...more } } }) === null
    expect(over({})).toBe(true)
    expect(over({ before: NOW - 1 })).toBe(false)
    expect(over({ self: 's' })).toBe(false)
    expect(over({}, { root: 'new root' })).toBe(false)
    expect(resolve({ gate: { logins: { ...logins, self: 's' } } })?.root).toBe('new root')
  })
})

describe('a session by key', () => {
  it('is over when its key is no more good', () => {
    expect(byKey({ holder: { expires: NOW } })).toBeNull()
    const revoked = { at: NOW, cause: 'asked', reason: 'Revoked' }
    expect(byKey({ holder: { revoked } })).toBeNull()
  })

  it('ends with the secret that opened it, and has that secret’s ceiling', () => {
    const holder = { ceiling: ['ACCOUNT_READ'], former: PREVIOUS }
    expect(byKey({ holder })).toMatchObject({ roles: ['ACCOUNT_READ'], ceiling: ['ACCOUNT_READ'] })
    const before = { key: { n: 1, name: 'nas', generation: 2 } }
    expect(byKey({ session: before, holder })).toMatchObject({ roles: ['API_KEY_READ'] })
    expect(byKey({ session: before, holder, now: PREVIOUS.until })).toBeNull()
    expect(byKey({ session: { key: { n: 1, name: 'nas', generation: 1 } }, holder })).toBeNull()
  })

  it('is a device’s where its key is one’s', () => {
    expect(byKey({ holder: { device: true } })?.device).toBe(true)
    expect(byPassword({ holder: { device: true } })).not.toHaveProperty('device')
  })
})

describe('a session by password', () => {
  it('is over when its password or its user is', () => {
    expect(byPassword({ holder: { passwordVersion: 5 } })).toBeNull()
    expect(byPassword({ holder: { deleted: true } })).toBeNull()
  })

  it('has the ceiling of its password', () => {
    const ceiling = ['ACCOUNT_READ']
    const holder = { passwordCeiling: ceiling }
    expect(byPassword({ holder })).toMatchObject({ roles: ceiling, ceiling })
  })
})

it('a login is known by the session that began it', () => {
  expect(sessionEnd(BY_KEY)).toBe(NOW + LOGIN_MS)
  expect(loginOf(BY_KEY)).toEqual({ id: 's', at: NOW, root: 's' })
  const from = [{ id: 'first', connection: 'c' }]
  expect(loginOf({ ...BY_KEY, from })).toEqual({ id: 's', at: NOW, root: 'first' })
  expect(loginOf({ ...BY_KEY, from: [] }).root).toBe('s')
  const later = { ends: NOW + LOGIN_MS + 5, root: 'root', from }
  expect(loginOf({ ...BY_KEY, ...later })).toEqual({ id: 's', at: NOW + 5, root: 'root' })
})
