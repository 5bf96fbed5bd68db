/** What ends with a key, or with one of its secrets, whatever becomes of it meanwhile. */
import { describe, expect, it, vi } from 'vitest'
import { Fault, type FaultCode } from '../../shared/domain/fault.ts'
import { endHeld, revokeIfExposed, revokeKey } from '../../shared/keys/revoke.ts'
import { effectiveState } from '../../shared/keys/rules.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { type CheckedKey, toChecked } from '../../shared/store/key-items.ts'
import { refusal } from '../kit/service.ts'
import { KEY_ITEM, PREVIOUS } from './items.ts'

const NOW = KEY_ITEM.createdAt
const REF = { tenant: 7, n: KEY_ITEM.n }
const keyOf = (more: object = {}, gate: object | null = null) =>
  toChecked({ ...KEY_ITEM, ...more }, REF, gate)
const revokedBy = (cause: string) => keyOf({ revoked: { at: NOW, cause, reason: 'lost' } })
const CONFLICT = { reason: 'KEY_CHANGED', old: null }

type Ends = (session: { key: { generation: number } | null }) => boolean

/** A service that finds these keys, one after the other, and meets this when it changes them. */
const serviceOf = (found: (CheckedKey | null)[], ...met: (object | null)[]) => {
  const write = async () => {
    const outcome = met.shift() ?? null
    if (outcome instanceof Error) throw outcome
    return outcome
  }
  const [revoke, change, add] = [vi.fn(write), vi.fn(write), vi.fn()]
  const end = vi.fn(async (_tenant: number, _of: object, _ends: Ends) => {})
  const keys = { revoke, change, forCheck: async () => [found.shift() ?? null] }
  const env = { KEYHARBOR_ALLOW_INSECURE: false }
  return {
    service: { env, keys, sessions: { end }, metrics: { add }, now: () => NOW } as never,
    revoke,
    change,
    counted: () => add.mock.calls.flat(),
    /** Of which secrets the sessions have ended. */
    ended: () => {
      const [, , ends] = end.mock.lastCall ?? []
      return [1, 2, 3, 4].filter((generation) => ends?.({ key: { generation } }))
    },
  }
}
const ALL = [1, 2, 3, 4]

describe('a revocation', () => {
  const order = { ref: REF, actor: SERVICE, cause: 'asked' } as const

  it('ends the key and all of its sessions', async () => {
    const { service, revoke, ended, counted } = serviceOf([keyOf()])
    await revokeKey(service, order)
    const revoked = { at: NOW, cause: 'asked', reason: 'Revoked' }
    expect(revoke).toHaveBeenCalledExactlyOnceWith(keyOf(), revoked, SERVICE)
    expect(ended()).toEqual(ALL)
    expect(counted()).toEqual([])
  })

  it('is tried again, by the key as it is then, where that changed meanwhile', async () => {
    const after = keyOf({ name: 'renamed' })
    const { service, revoke, ended } = serviceOf([keyOf(), after], CONFLICT)
    await revokeKey(service, order)
    expect(revoke.mock.calls.map(([key]: unknown[]) => key)).toEqual([keyOf(), after])
    expect(ended()).toEqual(ALL)
  })

  it.each([
    ['asked', 'asked', 0],
    ['asked', 'no-user', 1],
    ['no-user', 'no-user', 0],
    ['expired', 'asked', 1],
  ] as const)('of a key that ended as %s, because %s, is %i more', async (before, cause, times) => {
    const { service, revoke, ended } = serviceOf([revokedBy(before)])
    await revokeKey(service, { ...order, cause })
    expect(revoke).toHaveBeenCalledTimes(times)
    expect(ended()).toEqual(ALL)
  })

  it('needs a key, and who may change it', async () => {
    const maker = { uid: 9, username: 'eve', roles: [], ceiling: null }
    const { service, revoke } = serviceOf([keyOf(), null, null])
    const eve = { ...SERVICE, maker }
    expect(await refusal(revokeKey(service, { ...order, actor: eve }))).toBe('NOT_YOUR_KEYS')
    for (const actor of [eve, SERVICE])
      expect(await refusal(revokeKey(service, { ...order, actor }))).toEqual([
        'null: ApiKey 7000000001 does not exist',
      ])
    expect(revoke).not.toHaveBeenCalled()
  })
})

describe('a key that came in clear', () => {
  const IN_CLEAR = { secure: false, address: '192.0.2.1' }
  const verdictOf = (key: CheckedKey) =>
    ({ state: effectiveState(key, NOW), key, generation: 3, token: null }) as const

  it.each([
    ['active', keyOf(), true],
    ['locked', keyOf({ locked: true }), true],
    ['suspended', keyOf({}, { suspended: true }), true],
    ['expired', keyOf({ expires: NOW }), false],
    ['revoked', revokedBy('asked'), false],
  ])('and is %s', async (state, key, isRevoked) => {
    const { service, revoke, counted } = serviceOf([key])
    expect(verdictOf(key).state).toBe(state)
    expect(await revokeIfExposed(service, verdictOf(key), IN_CLEAR)).toBe(isRevoked)
    expect(revoke).toHaveBeenCalledTimes(isRevoked ? 1 : 0)
    expect(counted()).toEqual(isRevoked ? ['KeyExposed'] : [])
  })

  it('is as good as revoked where it is gone by then', async () => {
    const { service, counted } = serviceOf([null])
    expect(await revokeIfExposed(service, verdictOf(keyOf()), IN_CLEAR)).toBe(true)
    expect(counted()).toEqual([])
  })

  it.each<[FaultCode, FaultCode]>([
    ['OUTCOME_UNKNOWN', 'UNAVAILABLE'],
    ['UNAVAILABLE', 'UNAVAILABLE'],
    ['SESSION_EXPIRED', 'SESSION_EXPIRED'],
  ])('is not told as revoked where that failed as %s', async (code, told) => {
    const cause = new Fault(code)
    const { service } = serviceOf([keyOf()], cause)
    const error = await revokeIfExposed(service, verdictOf(keyOf()), IN_CLEAR).catch((e) => e)
    expect(error).toMatchObject({ code: told })
    expect([error, error.cause]).toContain(cause)
  })
})

describe('the end of a secret by its holder', () => {
  const end = async (
    generation: number,
    found: (CheckedKey | null)[],
    ...met: (object | null)[]
  ) => {
    const did = serviceOf(found, ...met)
    const verdict = { state: 'active', key: keyOf(), generation, token: null } as const
    await endHeld(did.service, verdict, '192.0.2.1')
    const writes = { revoked: did.revoke.mock.calls.length, changed: did.change.mock.calls.length }
    return { ...writes, ended: did.ended() }
  }
  const graced = keyOf({ former: PREVIOUS })

  it('revokes the key whose secret it is', async () => {
    expect(await end(3, [keyOf()])).toEqual({ revoked: 1, changed: 0, ended: ALL })
    expect(await end(3, [graced])).toEqual({ revoked: 1, changed: 0, ended: ALL })
  })

  it('ends a previous secret alone', async () => {
    expect(await end(2, [graced])).toEqual({ revoked: 0, changed: 1, ended: [1, 2, 4] })
  })

  it('is tried again where the key changed meanwhile', async () => {
    expect(await end(3, [keyOf(), keyOf()], CONFLICT)).toMatchObject({ revoked: 2, ended: ALL })
    expect(await end(2, [graced, graced], CONFLICT)).toMatchObject({ changed: 2 })
  })

  it('leaves alone what replaced the secret after it was checked', async () => {
    const after = keyOf({ generation: 4 })
    expect(await end(3, [after])).toEqual({ revoked: 0, changed: 0, ended: [1, 2, 3] })
  })

  it('ends the sessions of a key that is over by then', async () => {
    expect(await end(3, [revokedBy('asked')])).toEqual({ revoked: 0, changed: 0, ended: ALL })
    expect(await end(2, [revokedBy('asked')])).toEqual({ revoked: 0, changed: 0, ended: ALL })
    expect(await end(3, [null])).toEqual({ revoked: 0, changed: 0, ended: ALL })
  })
})
