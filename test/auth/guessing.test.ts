/** Guessing passwords and codes: counted for the account, whoever guesses, from wherever, in whichever process. */
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { User } from '../../shared/store/users.ts'
import { type Peer, type PeerOptions, Refused, refusalOf, startSockets } from '../kit/peer.ts'
import { setUpFactor } from '../kit/second-factor.ts'
import { addUser, newTenant, type Rig, START, startRig } from '../kit/service.ts'

const PASSWORD = 'correct horse'
const HOUR = 3_600_000
const LIMITED = '-32001 [EBUSY] Rate Limit Exceeded'

/** Passwords that were judged; what they cost is left out. */
const judged = vi.hoisted(() => ({ passwords: 0 }))
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>()
  type Derive = (error: Error | null, key: Buffer) => void
  const scrypt = (password: string, salt: Buffer, bytes: number, _: object, done: Derive): void => {
    judged.passwords++
    real.scrypt(password, salt, bytes, { N: 2, r: 1, p: 1 }, done)
  }
  return { ...real, scrypt }
})

let rig: Rig
let slug: string
let admin: User
/** Two processes that serve the same table. */
let processes: ReturnType<typeof startSockets>[]
beforeAll(async () => {
  rig = await startRig()
  processes = [startSockets(rig.service), startSockets(rig.make())]
})
afterAll(() => rig.close())
beforeEach(async () => {
  rig.clock.now += 2 * 86_400_000
  rig.clock.ahead = 0
  admin = await newTenant(rig.service)
  for await (const one of rig.service.tenants.all())
    if (one.tenant === admin.tenant) slug = one.slug
  judged.passwords = 0
})

const HOME = '198.51.100.7'
const stranger = (n: number): string => `203.0.${Math.floor(n / 250)}.${n % 250}`

const open = (address: string, process = 0, version?: string): Promise<Peer> =>
  (processes[process] as (typeof processes)[0]).open({
    address,
    ...(version && { version }),
  } as PeerOptions)

/** How a login by password ends: its response, or what it was refused with. */
const logIn = async (
  peer: Peer,
  password = PASSWORD,
  username = `admin@${slug}`,
): Promise<string> => {
  try {
    const login = { mechanism: 'PASSWORD_PLAIN', username, password }
    return (await peer.call<{ response_type: string }>('auth.login_ex', login)).response_type
  } catch (error) {
    if (error instanceof Refused) return `${error.code} ${error.message}`
    throw error
  }
}
const giveCode = async (peer: Peer, otp_token: string): Promise<string> => {
  try {
    const code = { mechanism: 'OTP_TOKEN', otp_token }
    return (await peer.call<{ response_type: string }>('auth.login_ex', code)).response_type
  } catch (error) {
    if (error instanceof Refused) return `${error.code} ${error.message}`
    throw error
  }
}
const count = <T>(of: readonly T[], what: T): number => of.filter((one) => one === what).length

describe('an account', () => {
  it('has ten wrong passwords judged an hour, in all processes together, one by one', async () => {
    const said: string[] = []
    for (let n = 0; n < 30; n++)
      said.push(await logIn(await open(stranger(n), n % 2), `guess ${n}`))
    expect(count(said, 'AUTH_ERR')).toBe(10)
    expect(count(said, LIMITED)).toBe(20)
    expect(judged.passwords).toBe(10)
    expect(await logIn(await open(stranger(99)))).toBe(LIMITED)
    rig.clock.now += HOUR
    expect(await logIn(await open(stranger(99)))).toBe('SUCCESS')
  })

  it('and at the same time', async () => {
    const peers = await Promise.all(Array.from({ length: 30 }, (_, n) => open(stranger(n), n % 2)))
    const said = await Promise.all(peers.map((peer, n) => logIn(peer, `guess ${n}`)))
    expect(count(said, 'AUTH_ERR')).toBe(10)
    expect(judged.passwords).toBe(10)
  })
})
