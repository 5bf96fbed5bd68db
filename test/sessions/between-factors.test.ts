/** Between a right password and its code: what changes meanwhile counts, and a code opens one session. */
import { type TOTP, URI } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { newTenant, type Rig, START, slugOf, startRig } from '../kit/service.ts'

const PASSWORD = 'correct horse'
const VERSIONS = ['v26.0.0', 'v25.10.0'] as const

let rig: Rig
let sockets: Sockets
let slug: string
let root: Peer
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  const admin: User = await newTenant(rig.service)
  slug = await slugOf(rig.service, admin)
  root = await sockets.open()
  expect(await root.call('auth.login', `admin@${slug}`, PASSWORD)).toBe(true)
})
afterAll(() => rig.close())
beforeEach(() => {
  rig.clock.now = START
})

type Answer = { readonly response_type: string }
type Made = { readonly id: number; readonly username: string; readonly device: TOTP }

let users = 0
/** A user with a second factor. */
const make = async (username = `user-${++users}`): Promise<Made> => {
  const roles = ['READONLY_ADMIN']
  const user = { username, full_name: username, password: PASSWORD, roles }
  const { id } = await root.call<{ id: number }>('user.create', user)
  const { twofactor_config: made } = await root.call<{
    twofactor_config: { provisioning_uri: string }
  }>('user.renew_2fa_secret', username, {})
  const device = URI.parse(made.provisioning_uri) as TOTP
  // By a code from long before: that of now is left for the test.
  rig.clock.now -= 5 * 60_000
  const code = device.generate({ timestamp: rig.clock.now })
  await root.call('user.confirm_2fa_secret', username, { code })
  rig.clock.now += 5 * 60_000
  return { id, username, device }
}

/** A socket on which the password was right, and a code is waited for. */
const halfway = async ({ username }: Made, version?: string): Promise<Peer> => {
  const peer = await sockets.open(version === undefined ? {} : { version })
  const asked = await peer.call<Answer>('auth.login_ex', {
    mechanism: 'PASSWORD_PLAIN',
    username: `${username}@${slug}`,
    password: PASSWORD,
  })
  expect(asked.response_type).toBe('OTP_REQUIRED')
  return peer
}

const codeOf = ({ device }: Made, at = rig.clock.now): string => device.generate({ timestamp: at })
const giveCode = async (peer: Peer, otp_token: string): Promise<string> =>
  (await peer.call<Answer>('auth.login_ex', { mechanism: 'OTP_TOKEN', otp_token })).response_type

describe.each(VERSIONS)('a login on %s that waits for its code', (version) => {
  it('succeeds with the code where nothing has changed', async () => {
    const user = await make()
    expect(await giveCode(await halfway(user, version), codeOf(user))).toBe('SUCCESS')
  })

  it.each<[string, (user: Made) => Promise<unknown>]>([
    [
      'the password was changed',
      ({ id }) => root.call('user.update', id, { password: 'another passphrase' }),
    ],
    ['the user was locked', ({ id }) => root.call('user.update', id, { locked: true })],
    ['the user was deleted', ({ id }) => root.call('user.delete', id)],
  ])('is refused when %s meanwhile, and waits no longer', async (_, change) => {
    const user = await make()
    const peer = await halfway(user, version)
    await change(user)
    expect(await giveCode(peer, codeOf(user))).toBe('AUTH_ERR')
    const again = giveCode(peer, codeOf(user))
    expect(await refusalOf(again)).toMatch('no authentication in progress')
    expect(await refusalOf(peer.call('auth.me'))).toMatch('Not authenticated')
  })

  it('is not a namesake’s to finish, whose password is as new', async () => {
    const user = await make()
    const peer = await halfway(user, version)
    await root.call('user.delete', user.id)
    const namesake = await make(user.username)
    expect(namesake.id).not.toBe(user.id)
    expect(await giveCode(peer, codeOf(namesake))).toBe('AUTH_ERR')
  })

  it('waits five minutes, and no more', async () => {
    const user = await make()
    const [early, late] = [await halfway(user, version), await halfway(user, version)]
    rig.clock.now += 5 * 60_000 - 1
    expect(await giveCode(early, codeOf(user))).toBe('SUCCESS')
    rig.clock.now += 1
    const code = codeOf(user, rig.clock.now + 30_000)
    expect(await refusalOf(giveCode(late, code))).toMatch('no authentication in progress')
  })
})

describe('a code', () => {
  it('opens one session, no matter who else brings it at the same moment', async () => {
    const user = await make()
    const peers = await Promise.all(Array.from({ length: 6 }, () => halfway(user)))
    const code = codeOf(user)
    const outcomes = await Promise.all(peers.map((peer) => giveCode(peer, code)))
    expect(outcomes.filter((outcome) => outcome === 'SUCCESS')).toHaveLength(1)
  })

  it('opens none that was used before, nor an older one', async () => {
    const user = await make()
    const before = codeOf(user, rig.clock.now - 30_000)
    expect(await giveCode(await halfway(user), codeOf(user))).toBe('SUCCESS')
    expect(await giveCode(await halfway(user), codeOf(user))).toBe('AUTH_ERR')
    expect(await giveCode(await halfway(user), before)).toBe('AUTH_ERR')
  })

  it.each([-60_000, 60_000])('of %i ms away is too far', async (away) => {
    const user = await make()
    const code = codeOf(user, rig.clock.now + away)
    expect(await giveCode(await halfway(user), code)).toBe('AUTH_ERR')
  })

  it.each([-30_000, 30_000])('of %i ms away is near enough, for clocks differ', async (away) => {
    const user = await make()
    const code = codeOf(user, rig.clock.now + away)
    expect(await giveCode(await halfway(user), code)).toBe('SUCCESS')
  })
})
