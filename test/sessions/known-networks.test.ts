/** Who logged in well has a budget of their own: guesses from elsewhere don't lock an account's owner out. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { keepKnown } from '../../shared/sessions/tries.ts'
import { byCode, byPassword, GUESSES, type Guesses, startGuesses } from '../kit/guesses.ts'
import { type Peer, startSockets } from '../kit/peer.ts'
import { addKey, type Rig } from '../kit/service.ts'

let on: Guesses
let rig: Rig
beforeAll(async () => {
  on = await startGuesses()
  rig = on.rig
})
afterAll(() => rig.close())
beforeEach(() => on.begin())
const { LIMITED, MINUTE, HOUR, DAY, HOME, PASSWORD, strange, count } = GUESSES
const now = (): number => rig.clock.now + rig.clock.ahead

describe('its owner', () => {
  it('has a budget of their own at known networks, and no more', async () => {
    expect(await on.logIn(HOME)).toBe('SUCCESS')
    await on.guess(11)
    const said: string[] = []
    for (let n = 0; n < 12; n++) said.push(await on.logIn(HOME, `fumble ${n}`))
    expect(count(said, 'AUTH_ERR')).toBe(10)
    expect(said.at(-1)).toBe(LIMITED)
  })

  it('is known at a network for thirty days after a login, not by a password that waits for its code', async () => {
    const { code } = await on.setUp()
    const half = await on.open(strange(900))
    expect(await byPassword(half, on.admin(), PASSWORD)).toBe('OTP_REQUIRED')
    await on.guess(10)
    expect(await on.logIn(strange(900))).toBe(LIMITED)
    expect(await on.logIn(HOME)).toBe('OTP_REQUIRED')
    rig.clock.now += 30 * DAY
    await on.guess(10)
    expect(await on.logIn(HOME)).toBe(LIMITED)
    rig.clock.now += HOUR
    const home = await on.open(HOME)
    await byPassword(home, on.admin(), PASSWORD)
    expect(await byCode(home, code())).toBe('SUCCESS')
    await on.guess(10)
    expect(await on.logIn(HOME)).toBe('OTP_REQUIRED')
  })

  it('is known at the sixteen networks of the last logins', async () => {
    for (let n = 0; n < 17; n++) {
      expect(await on.logIn(`192.0.2.${n}`)).toBe('SUCCESS')
      rig.clock.now += 1000
    }
    await on.guess(10)
    expect(await on.logIn('192.0.2.0')).toBe(LIMITED)
    expect(await on.logIn('192.0.2.1')).toBe('SUCCESS')
  })

  it('is no namesake from before', async () => {
    const boss = await on.open(HOME)
    await byPassword(boss, on.admin(), PASSWORD)
    const ada = { username: 'ada', full_name: 'Ada', roles: ['READONLY_ADMIN'], password: PASSWORD }
    const { id } = await boss.call<{ id: number }>('user.create', ada)
    expect(await on.logIn(HOME, PASSWORD, 'ada')).toBe('SUCCESS')
    await boss.call('user.delete', id)
    await boss.call('user.create', ada)
    await on.guess(10, 'ada')
    expect(await on.logIn(HOME, PASSWORD, 'ada')).toBe(LIMITED)
  })

  it('keeps their budget from those who knew the old password, where they change it', async () => {
    const thief = strange(900)
    for (const address of [thief, HOME]) expect(await on.logIn(address)).toBe('SUCCESS')
    const home = await on.open(HOME)
    await byPassword(home, on.admin(), PASSWORD)
    const [old_password, new_password] = [PASSWORD, 'correct zebra']
    const asked = { username: 'admin', old_password, new_password }
    await home.call('user.set_password', asked)
    for (let n = 0; n < 12; n++) await on.logIn(thief, PASSWORD)
    expect(await on.logIn(thief, new_password)).toBe(LIMITED)
    expect(await on.logIn(HOME, new_password)).toBe('SUCCESS')
  })

  it('keeps it where a login by the old password comes to its end behind the change', async () => {
    const { tries, users } = rig.service
    const account = { tenant: on.user().tenant, username: 'admin' }
    const before = on.user()
    const home = await on.open(HOME)
    await byPassword(home, on.admin(), PASSWORD)
    const [old_password, new_password] = [PASSWORD, 'correct zebra']
    const asked = { username: 'admin', old_password, new_password }
    await home.call('user.set_password', asked)
    const after = (await tries.read(account)).tries
    await keepKnown(rig.service, before, strange(900))
    expect((await tries.read(account)).tries).toEqual(after)
    expect((await users.get(account.tenant, 'admin'))?.passwordVersion).toBe(after.passwordVersion)
  })

  it('stays known where they show their second factor anew', async () => {
    const { code } = await on.setUp()
    await on.guess(10)
    expect(await on.logIn(HOME)).toBe('OTP_REQUIRED')
    const home = await on.open(HOME)
    await byPassword(home, on.admin(), PASSWORD)
    expect(await byCode(home, code())).toBe('SUCCESS')
    rig.clock.now += MINUTE
    const proof = { password: PASSWORD, otp_token: code() }
    await home.call('user.unset_2fa_secret', 'admin', proof)
    expect(await on.logIn(HOME)).toBe('SUCCESS')
  })

  it('is known nowhere by a password that another set', async () => {
    const boss = await on.open(HOME)
    await byPassword(boss, on.admin(), PASSWORD)
    const ada = { username: 'ada', full_name: 'Ada', roles: ['READONLY_ADMIN'], password: PASSWORD }
    const { id } = await boss.call<{ id: number }>('user.create', ada)
    expect(await on.logIn(HOME, PASSWORD, 'ada')).toBe('SUCCESS')
    await boss.call('user.update', id, { password: PASSWORD })
    await on.guess(10, 'ada')
    expect(await on.logIn(HOME, PASSWORD, 'ada')).toBe(LIMITED)
    rig.clock.now += HOUR
    expect(await on.logIn(HOME, PASSWORD, 'ada')).toBe('SUCCESS')
    await on.guess(10, 'ada')
    expect(await on.logIn(HOME, PASSWORD, 'ada')).toBe('SUCCESS')
  })

  it('gets in while KMS is out of order, as long as nobody guesses', async () => {
    const process = startSockets(rig.make())
    rig.kmsDown(true)
    const peer = await process.open({ address: HOME })
    expect(await byPassword(peer, on.admin(), PASSWORD)).toBe('SUCCESS')
    rig.kmsDown(false)
  })

  it('sees in auth.me what was tried, and from where', async () => {
    const peer = await on.open(HOME)
    expect(await byPassword(peer, on.admin(), PASSWORD)).toBe('SUCCESS')
    const none = { left: 10, wrong: 0, last_from: null, until: null }
    const triesOf = async (one: Peer) => (await one.call<{ tries: object }>('auth.me')).tries
    expect(await triesOf(peer)).toEqual({ known_networks: none, other_networks: none })
    const until = new Date(now() + HOUR)
    await on.guess(12)
    await on.logIn(HOME, 'fumble')
    expect(await triesOf(peer)).toEqual({
      known_networks: { left: 9, wrong: 1, last_from: HOME, until },
      other_networks: { left: 0, wrong: 10, last_from: strange(9), until },
    })
    const { raw } = await addKey(rig.service, on.user())
    const device = await on.open(HOME)
    await device.call('auth.login_with_api_key', raw.reveal())
    expect(await triesOf(device)).toBeNull()
  })
})
