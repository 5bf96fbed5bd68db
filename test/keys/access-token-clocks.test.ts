/** Access tokens between processes whose clocks differ: half a minute is borne, ten minutes are not. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { sweep } from '../../shared/jobs/sweep.ts'
import {
  type AccessTokens,
  createAccessTokens,
  LIFE_SECONDS,
} from '../../shared/keys/access-token.ts'
import { checkKey } from '../../shared/keys/check.ts'
import type { CheckedKey } from '../../shared/store/key-items.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'

const ISSUER = 'https://keys.example'

let rig: Rig
let key: CheckedKey
let right: AccessTokens
beforeAll(async () => {
  rig = await startRig()
  const { raw } = await addKey(rig.service, await newTenant(rig.service))
  // Makes the key that signs.
  await sweep(rig.service)
  const verdict = await checkKey(rig.service, raw.reveal())
  if (verdict.state === 'unknown') throw new Error('no key')
  key = verdict.key
})
afterAll(() => rig.close())
beforeEach(() => {
  // Tokens know whole seconds.
  rig.clock.now = Math.ceil(rig.clock.now / 1000) * 1000
  right = off(0)
})

/** A process that issues and takes tokens by its own clock. @param seconds how far that is ahead. */
const off = (seconds: number): AccessTokens =>
  createAccessTokens({
    signing: rig.service.signing,
    now: () => rig.clock.now + seconds * 1000,
  })
const issue = async (by: AccessTokens): Promise<string> => {
  const { roles, generation } = key
  const issued = await by.issue({ key, generation, roles, issuer: ISSUER })
  if (issued === null) throw new Error('not issued')
  return issued.token
}

it.each([
  [-600, 'unknown'],
  [-31, 'unknown'],
  [-30, 'active'],
  [299, 'active'],
  [300, 'expired'],
  [600, 'expired'],
])('a clock %i seconds ahead finds a token of this moment %s', async (seconds, state) => {
  expect((await off(seconds).verify(await issue(right), ISSUER)).state).toBe(state)
})

it.each([
  [600, 'unknown'],
  [31, 'unknown'],
  [30, 'active'],
  [-299, 'active'],
  [-300, 'expired'],
  [-600, 'expired'],
])('a token by a clock %i seconds ahead is found %s', async (seconds, state) => {
  expect((await right.verify(await issue(off(seconds)), ISSUER)).state).toBe(state)
})

it('a token by a clock that is ahead lives longer by no more than clocks may differ', async () => {
  const token = await issue(off(30))
  rig.clock.now += (LIFE_SECONDS + 30) * 1000 - 1
  expect(await right.verify(token, ISSUER)).toMatchObject({ state: 'active' })
  rig.clock.now += 1
  expect(await right.verify(token, ISSUER)).toEqual({ state: 'expired' })
})

it('a clock that is set back after it saw a token knows it no more', async () => {
  const token = await issue(right)
  expect(await right.verify(token, ISSUER)).toMatchObject({ state: 'active' })
  rig.clock.now -= 600_000
  const verdict = await right.verify(token, ISSUER)
  rig.clock.now += 600_000
  expect(verdict).toEqual({ state: 'unknown' })
  expect(await right.verify(token, ISSUER)).toMatchObject({ state: 'active' })
})
