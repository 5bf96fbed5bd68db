/** A change whose answer was lost is settled: a secret that was made is shown, and nothing is told as failed that was done. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { updateKey } from '../../shared/keys/change.ts'
import { checkKey } from '../../shared/keys/check.ts'
import type { IssuedKey } from '../../shared/keys/create.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { createTenant } from '../../shared/tenants/commands.ts'
import { type Fault, type Faulty, startFaulty } from '../kit/faulty.ts'
import { refusalOf, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, refusal, startRig } from '../kit/service.ts'

let rig: Rig
let wire: Faulty
/** Of which every request goes over the wire that fails. */
let service: Service
let admin: User
beforeAll(async () => {
  rig = await startRig()
  wire = await startFaulty()
  admin = await newTenant(rig.service)
})
afterAll(async () => {
  await wire?.close()
  await rig?.close()
})
beforeEach(() => {
  // The SDK tries again less often the more has failed: each test has an SDK of its own.
  service = rig.make()
  wire.plan('TransactWriteItems')
  wire.plan('PutItem')
  wire.plan('Query')
})

const transactions = (...faults: Fault[]): void => wire.plan('TransactWriteItems', ...faults)
const reset = (key: IssuedKey) =>
  updateKey(service, {
    ref: key.key,
    actor: SERVICE,
    update: { reset: true, graceSeconds: 0 },
  })
const stateOf = async (raw: { reveal: () => string }): Promise<string> =>
  (await checkKey(rig.service, raw.reveal())).state
/** How many keys the tenant has, as `api_key.query` lists them. */
const keysOf = async ({ tenant }: User): Promise<number> => {
  let count = 0
  const all = { from: 1, to: 999_999_999, descending: false }
  for await (const _ of rig.service.keys.inRange(tenant, all)) count++
  return count
}

const LOST: readonly Fault[] = ['done, 500', 'done, reset', 'done, half']

describe.each(LOST)('a transaction that is %s', (lost) => {
  it.each<[string, Fault[]]>([
    ['at the first attempt', [lost]],
    ['at the last attempt', ['failed', 'failed', lost]],
    ['at every attempt', [lost, lost, lost]],
    ['after a conflict of ours', ['throttled', lost, 'failed']],
  ])('%s has made a key, whose secret is shown', async (_, faults) => {
    transactions(...faults)
    const { raw } = await addKey(service, admin)
    expect(await stateOf(raw)).toBe('active')
  })

  it.each<[string, Fault[]]>([
    ['first', [lost]],
    ['last', ['failed', 'failed', lost]],
  ])('at the %s attempt has reset a key, whose new secret is shown', async (_, faults) => {
    const key = await addKey(service, admin)
    transactions(...faults)
    const { issued } = await reset(key)
    expect(await stateOf(issued?.raw as never)).toBe('active')
    expect(await stateOf(key.raw)).toBe('unknown')
    const [now] = await rig.service.keys.forCheck([key.key])
    expect(now?.generation).toBe(2)
  })
})

describe('an attempt that came to nothing', () => {
  it.each<[string, Fault[]]>([
    ['failed', ['failed', 'failed', 'failed']],
    ['was cut off', ['cut', 'cut', 'cut']],
    ['was throttled', ['throttled', 'throttled', 'throttled']],
  ])('and %s is "try again", and made nothing', async (_, faults) => {
    const before = await keysOf(admin)
    transactions(...faults)
    expect(await refusal(addKey(service, admin, { name: `none ${faults[0]}` }))).toBe('UNAVAILABLE')
    expect(await keysOf(admin)).toBe(before)
    // The name is free: trying again is what it says.
    await addKey(service, admin, { name: `none ${faults[0]}` })
  })

  it('costs nothing more where it certainly was not done', async () => {
    transactions('throttled', 'throttled', 'throttled')
    await refusal(addKey(service, admin))
    expect(wire.asked.filter((one) => one === 'PutItem')).toEqual([])
  })

  it('and comes late all the same is not done any more', async () => {
    const before = await keysOf(admin)
    transactions('late', 'late', 'late')
    expect(await refusal(addKey(service, admin))).toBe('UNAVAILABLE')
    await wire.release()
    expect(await keysOf(admin)).toBe(before)
  })

  it('leaves a condition that was lost to another call lost', async () => {
    await addKey(service, admin, { name: 'theirs' })
    transactions('failed')
    expect(await refusal(addKey(service, admin, { name: 'theirs' }))).toEqual([
      'api_key_create: name must be unique',
    ])
  })
})

describe('a reset whose sessions can not be reached', () => {
  it('shows its secret once they have ended', async () => {
    const key = await addKey(service, admin)
    wire.plan('Query', 'failed', 'failed', 'failed')
    const { issued } = await reset(key)
    expect(await stateOf(issued?.raw as never)).toBe('active')
  })

  it('is not told as one that changed nothing', async () => {
    const key = await addKey(service, admin)
    wire.plan('Query', ...Array<Fault>(99).fill('failed'))
    expect(await refusal(reset(key))).toBe('OUTCOME_UNKNOWN')
    expect(await stateOf(key.raw)).toBe('unknown')
  })
})

describe('an outcome that can not be settled either', () => {
  it('is an error of its own', async () => {
    wire.plan('PutItem', ...Array<Fault>(12).fill('failed'))
    transactions('failed', 'failed', 'done, reset')
    expect(await refusal(addKey(service, admin))).toBe('OUTCOME_UNKNOWN')
  })

  it('says so on the wire, in words of its own, and is logged with its cause', async () => {
    const logged: unknown[] = []
    const log = { info: () => {}, error: (...line: unknown[]) => void logged.push(line) }
    const peer = await startSockets({ ...service, log }).signIn(admin)
    // Its first change puts what its calls are done under.
    await peer.call('api_key.create', { name: 'before it', username: 'admin' })
    wire.plan('PutItem', ...Array<Fault>(12).fill('failed'))
    transactions('failed', 'failed', 'done, reset')
    const made = peer.call('api_key.create', { name: 'unknown', username: 'admin' })
    expect(await refusalOf(made)).toMatch(
      /^-32001 \[EIO\] Whether this change was made is not known\. Look .* idempotency_key/,
    )
    expect(logged).toEqual([
      ['call failed', expect.any(Error), { method: 'api_key.create', code: 'OUTCOME_UNKNOWN' }],
    ])
  })

  it('is settled when the first answers about it are lost, too', async () => {
    const before = await keysOf(admin)
    wire.plan('PutItem', 'done, 500', 'done, 500', 'done, 500')
    transactions('failed', 'failed', 'failed')
    expect(await refusal(addKey(service, admin))).toBe('UNAVAILABLE')
    expect(await keysOf(admin)).toBe(before)
  })
})

it('a tenant whose making was told as failed is told, with its password', async () => {
  transactions('failed', 'failed', 'done, 500')
  const admin = { username: 'admin', fullName: 'Admin', password: null }
  const made = await createTenant(service, { slug: 'told', name: 'Told', admin }, SERVICE)
  expect(made?.password.reveal()).toHaveLength(24)
  expect(await rig.service.tenants.bySlug('told')).toBe(made?.tenant.tenant)
})
