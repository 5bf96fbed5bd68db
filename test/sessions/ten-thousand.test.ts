/** Ten thousand guesses at an account, from five hundred networks, in two processes. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { atOnce } from '../../shared/domain/at-once.ts'
import {
  byCode,
  byPassword,
  GUESSES,
  type Guesses,
  startGuesses,
  watchWrites,
} from '../kit/guesses.ts'
import type { Peer } from '../kit/peer.ts'

const { LIMITED, HOME, PASSWORD, strange, wrong, count } = GUESSES

let on: Guesses
beforeAll(async () => {
  on = await startGuesses()
  await on.begin()
})
afterAll(() => on.rig.close())

it('an owner gets in from a known network, whatever ten thousand guesses come from elsewhere', async () => {
  const { code } = await on.setUp()
  const addresses = 500
  const peers: Peer[] = []
  for (let n = 0; n < addresses; n++) peers.push(await on.open(strange(n), n % 2, 'v25.10.0'))
  const said: string[] = []
  const watch = watchWrites()
  on.setBack()
  await atOnce(Array(10_000).keys(), 16, async (n) => {
    on.rig.clock.now += 300
    const peer = peers[n % addresses] as Peer
    // Half of them have the password, and guess at codes.
    const isCode = n % 2 === 1
    const answer = await byPassword(peer, on.admin(), isCode ? PASSWORD : `guess ${n}`)
    if (answer !== 'OTP_REQUIRED') said.push(answer)
    else said.push(await byCode(peer, wrong(code())))
  })
  watch.stop()
  expect(said).toHaveLength(10_000)
  expect(said.length - count(said, LIMITED)).toBe(10)
  expect(on.judged()).toBeLessThanOrEqual(20 + 16)
  const counted = watch.writes.filter((what) => /OTHERS|KNOWN|SPENT|AUDIT/.test(what))
  expect(counted.length).toBeLessThanOrEqual(10 + 2 * on.judged() + 16 * 16)
  expect(await on.logIn(strange(999))).toBe(LIMITED)
  const home = await on.open(HOME, 1)
  expect(await byPassword(home, on.admin(), PASSWORD)).toBe('OTP_REQUIRED')
  expect(await byCode(home, code())).toBe('SUCCESS')
})
