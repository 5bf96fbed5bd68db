/** What a gate says of users, their keys and their sessions, and how it is written. */
import { describe, expect, it } from 'vitest'
import type { Db } from '../../shared/store/db.ts'
import {
  COPIES,
  createGate,
  endLogins,
  enter,
  isLoginOver,
  isSuspended,
  leave,
  MOST_IN_GATE,
  newRootOf,
  rightsUnder,
  suspend,
} from '../../shared/store/gate.ts'
import { itemKey } from '../../shared/store/item-keys.ts'

const copy = { uid: 7, roles: ['READONLY_ADMIN'], locked: false, version: 5 }

describe('rights', () => {
  it('are the key’s own copy where nothing is under way', () => {
    for (const gate of [null, {}, { u8: '9 locked' }]) expect(rightsUnder(gate, copy)).toEqual(copy)
  })

  it('are the gate’s where that is newer, and only there', () => {
    const entry = (version: number) => ({ u7: `${version} locked` })
    expect(rightsUnder(entry(6), copy)).toEqual({ version: 6, locked: true, roles: [] })
    for (const version of [4, 5]) expect(rightsUnder(entry(version), copy)).toEqual(copy)
  })

  it('are the gate’s in both directions: an unlock holds for copies that are locked', () => {
    for (const roles of [[], ['A'], ['API_KEY_READ', 'R2_D2', 'B']]) {
      const gate = { u7: `60 ${roles.join(' ')}` }
      const rights = rightsUnder(gate, { ...copy, locked: true })
      expect(rights).toEqual({ version: 60, locked: false, roles })
    }
  })

  it.each([
    ['no version', 'API_KEY_READ'],
    ['nothing but a version', '9'],
    ['a version that is none', '09 A'],
    ['something before it', ' 9 A'],
    ['something behind it', '9 A '],
    ['a list of it', ['9 A']],
    ['another word', '9 unlocked'],
    ['a role that can be none', '9 API_KEY_READ 2_ROLES'],
    ['a single role that can be none', '9 2_ROLES'],
    ['one word more', '9 locked FULL_ADMIN'],
    ['another shape', { version: 9, locked: false, roles: [] }],
    ['nothing', null],
  ])('are none by an entry that isn’t understood: %s', (_, entry) => {
    expect(rightsUnder({ u7: entry }, copy).locked).toBe(true)
  })

  it('are a suspended tenant’s by whatever isn’t a plain no', () => {
    for (const gate of [null, {}, { suspended: false }]) expect(isSuspended(gate)).toBe(false)
    for (const suspended of [true, 1, {}, null]) expect(isSuspended({ suspended })).toBe(true)
  })
})

describe('logins', () => {
  const logins = { before: 5, self: 's', but: 'new' }
  const login = { id: 'x', at: 5, root: 'x' }

  it('up to the mark are over, but for the session that stays and what its tokens open', () => {
    expect(isLoginOver({ logins }, login)).toBe(true)
    for (const other of [{ at: 6 }, { id: 's' }, { root: 'new' }])
      expect(isLoginOver({ logins }, { ...login, ...other })).toBe(false)
    for (const gate of [null, {}]) expect(isLoginOver(gate, login)).toBe(false)
  })

  it('of the tokens of the session that stays begin at a new root', () => {
    expect(newRootOf({ logins }, 's')).toBe('new')
    expect(newRootOf({ logins }, 'x')).toBeUndefined()
    for (const gate of [null, {}]) expect(newRootOf(gate, 's')).toBeUndefined()
  })
})

describe('what is written', () => {
  const rights = { roles: ['A', 'B'], locked: false, version: 6 }

  it('goes to all copies of a tenant', () => {
    const marks = { before: 5, self: 's', but: 'new' }
    for (const writes of [
      enter(7, 2, rights),
      leave(7, 2, rights),
      suspend(7, true),
      endLogins(7, marks, { id: 's', at: 1, root: 's' }),
    ])
      expect(writes.map((write) => 'update' in write && write.update)).toEqual(
        Array.from({ length: COPIES }, (_, copy) => itemKey.gate(7, copy)),
      )
  })

  it('is read as it was meant', () => {
    const [entered] = enter(7, 7, rights)
    expect(entered).toMatchObject({ set: { u7: '6 A B' } })
    expect(enter(7, 7, { ...rights, locked: true })[0]).toMatchObject({ set: { u7: '6 locked' } })
    const [suspended, resumed] = [suspend(7, true)[0], suspend(7, false)[0]]
    expect(suspended).toMatchObject({ set: { suspended: true } })
    expect(resumed).toMatchObject({ remove: ['suspended'] })
    expect(resumed).not.toHaveProperty('set')
    expect(leave(7, 7, rights)[0]).toMatchObject({ values: { rights: '6 A B' } })
    const [logins, by] = [
      { before: 5, self: 's', but: 'new' },
      { id: 's', at: 1, root: 'r' },
    ]
    expect(endLogins(7, logins, by)[0]).toMatchObject({
      set: { logins },
      values: { before: 5, ...by },
    })
  })

  it('has roles as long as a check can carry, and locks who has more', () => {
    const roles = (length: number) => ({ ...rights, roles: ['A'.repeat(length)] })
    expect(enter(7, 7, roles(1000))[0]).toMatchObject({ set: { u7: `6 ${'A'.repeat(1000)}` } })
    expect(enter(7, 7, roles(1001))[0]).toMatchObject({ set: { u7: '6 locked' } })
  })
})

describe('a gate', () => {
  const gateOf = (gate: object | null, chance = 0) =>
    createGate({ get: async () => gate } as unknown as Db, () => chance)

  it('is read at any of its copies', () => {
    const read = [0, 0.5, 0.999].map((chance) => gateOf(null, chance).at(7))
    expect(read).toEqual([0, COPIES / 2, COPIES - 1].map((copy) => itemKey.gate(7, copy)))
  })

  it('has room up to a number of users, and of bytes, and twice that for what takes rights', async () => {
    const users = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`u${at + 1}`, '9 locked']))
    const bytes = (count: number) => ({ u: 'x'.repeat(count - 1) })
    for (const [most, fill] of [
      [MOST_IN_GATE, users],
      [100_000, bytes],
    ] as const)
      for (const takes of [false, true]) {
        const full = takes ? 2 * most : most
        expect(await gateOf(fill(full - 1)).hasRoom(7, 9999, takes)).toBe(true)
        expect(await gateOf(fill(full)).hasRoom(7, 9999, takes)).toBe(false)
      }
    expect(await gateOf(users(MOST_IN_GATE)).hasRoom(7, 1, false)).toBe(true)
    expect(await gateOf(null).hasRoom(7, 1, false)).toBe(true)
  })
})
