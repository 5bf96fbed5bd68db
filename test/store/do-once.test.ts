/** An idempotency key: what has it is done once, however often and from where it is sent. */
import { createHash } from 'node:crypto'
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { User } from '../../shared/store/user-items.ts'
import { type Fault, type Faulty, startFaulty } from '../kit/faulty.ts'
import { type Peer, Refused, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'

let rig: Rig
let wire: Faulty
let sockets: Sockets
let admin: User
let root: Peer
beforeAll(async () => {
  rig = await startRig()
  wire = await startFaulty()
})
afterAll(async () => {
  await wire?.close()
  await rig?.close()
})
beforeEach(async () => {
  sockets = startSockets(rig.make())
  admin = await newTenant(sockets.service)
  root = await sockets.signIn(admin)
})

type Entry = { id: number; key: string; token: string; username: string }
/** How many items a kind has: their sort keys begin so. */
const count = async (kind: string): Promise<number> => {
  const { Items = [] } = await new DynamoDBClient({}).send(
    new ScanCommand({ TableName: rig.table }),
  )
  const of = `T#${admin.tenant}`
  return Items.filter(({ pk, sk }) => pk?.S === of && sk?.S?.startsWith(kind)).length
}

/** Each takes the parameters of its last argument's object, to which more may be added. */
type Call = (more?: object, by?: Peer) => Promise<Entry>
type Case = {
  readonly call: Call
  /** Other parameters. */
  readonly other: object
  /** Items of which a repeat makes no more. */
  readonly kind: string
}
const CASES: Readonly<Record<string, () => Promise<Case>>> = {
  'api_key.create': async () => ({
    call: (more, by = root) =>
      by.call('api_key.create', { name: 'backup', username: 'admin', ...more }),
    other: { name: 'another' },
    kind: 'KEY#',
  }),
  'api_key.update': async () => {
    const { key } = await addKey(sockets.service, admin)
    return {
      call: (more, by = root) => by.call('api_key.update', key.id, { reset: true, ...more }),
      other: { grace_seconds: 60 },
      kind: 'KEY#',
    }
  },
  'device.invite': async () => ({
    call: (more, by = root) => by.call('device.invite', { name: 'nas', ...more }),
    other: { ttl: 60 },
    kind: 'INVITE#',
  }),
  'device.enroll': async () => {
    const { token } = await root.call<Entry>('device.invite')
    const device = await sockets.open()
    return {
      call: (more, by = device) => by.call('device.enroll', { token, name: 'nas', ...more }),
      other: { model: 'Mini' },
      kind: 'DEVICE#',
    }
  },
}

const once = { idempotency_key: 'one' }
const REUSED =
  '-32001 [EINVAL] The idempotency_key belongs to an earlier call with other parameters, and this call changed nothing. A new call takes a new one.'
const DONE = /^-32001 \[EEXIST\] .* by an earlier call with this idempotency_key/

describe.each(Object.entries(CASES))('%s', (_, prepare) => {
  it('shows its secret once, and tells a repeat what it made and what to do', async () => {
    const { call, kind } = await prepare()
    const made = await call(once)
    expect(made.key ?? made.token).toMatch(/[\w-]{40}/)
    const before = await count(kind)
    const repeat = await call(once).catch((error: unknown) => error as Refused)
    expect(repeat).toBeInstanceOf(Refused)
    const { message, data } = repeat as Refused
    expect(message).toMatch(/\[EEXIST\] .* If that answer never came, .*\.$/)
    expect(data).toMatchObject({ error: 17, errname: 'EEXIST', ...(made.id && { made: made.id }) })
    expect(await count(kind)).toBe(before)
  })

  it('refuses the key with other parameters, and changes nothing', async () => {
    const { call, other, kind } = await prepare()
    await call(once)
    const before = await count(kind)
    expect(await refusalOf(call({ ...once, ...other }))).toBe(REUSED)
    expect(await count(kind)).toBe(before)
  })

  it('is done once of six at the same time, and the others hear so', async () => {
    const { call, kind } = await prepare()
    const before = await count(kind)
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () =>
        call(once).then(
          () => 'done',
          ({ code, message }: Refused) => `${code} ${message}`,
        ),
      ),
    )
    const repeats = outcomes.filter((one) => one !== 'done')
    expect(repeats).toHaveLength(5)
    for (const one of repeats) expect(one).toMatch(DONE)
    expect((await count(kind)) - before).toBeLessThanOrEqual(1)
  })

  it.each<[string, Fault[]]>([
    ['done, and told as failed', ['failed', 'failed', 'done, 500']],
    ['not done', ['failed', 'failed', 'failed']],
  ])('that was %s is done once when it is repeated', async (_, faults) => {
    const { call, kind } = await prepare()
    const before = await count(kind)
    wire.plan('TransactWriteItems', ...faults)
    const first = await call(once).catch(() => null)
    const answers = [first, await call(once).catch(() => null)].filter((one) => one !== null)
    expect(answers).toHaveLength(1)
    expect(first !== null).toBe(faults.at(-1) === 'done, 500')
    expect((await count(kind)) - before).toBeLessThanOrEqual(1)
  })

  it.each([
    ['', 'at least 1'],
    ['x'.repeat(65), 'at most 64'],
  ])('takes keys of 1 to 64 characters', async (key, bound) => {
    const { call } = await prepare()
    expect(await refusalOf(call({ idempotency_key: key }))).toContain(bound)
  })
})

describe('a key', () => {
  const create = (by: Peer, more: object = {}): Promise<Entry> =>
    by.call('api_key.create', { name: 'backup', username: 'admin', ...once, ...more })

  it('is good in another session of the same user, and is another one of a key’s', async () => {
    await create(root)
    expect(await refusalOf(create(await sockets.signIn(admin)))).toMatch(DONE)
    expect(await refusalOf(create(await sockets.openAs(admin)))).toContain('name must be unique')
  })

  it('is another one in another tenant, and with another method', async () => {
    await create(root)
    const other = await newTenant(sockets.service)
    await create(await sockets.signIn(other))
    await root.call('device.invite', once)
  })

  it('ends after 24 hours, also where it is not collected yet', async () => {
    await create(root)
    rig.clock.now += 86_400_000 - 1
    const later = await sockets.signIn(admin)
    expect(await refusalOf(create(later))).toMatch(DONE)
    rig.clock.now += 1
    await create(later, { name: 'next' })
  })

  it('is free for another try while nothing was done', async () => {
    expect(await refusalOf(create(root, { username: 'nobody' }))).toContain('does not exist')
    await create(root)
  })

  it('goes with a reset only', async () => {
    const { id } = await create(root)
    expect(await refusalOf(root.call('api_key.update', id, { name: 'x', ...once }))).toContain(
      'idempotency_key: Goes with `reset` only',
    )
  })

  it('resets once: the secret that was shown stays good', async () => {
    const { key } = await addKey(sockets.service, admin)
    const reset = () => root.call<Entry>('api_key.update', key.id, { reset: true, ...once })
    const { key: raw } = await reset()
    await reset().catch(() => null)
    const peer = await sockets.open()
    expect(await peer.call('auth.login_with_api_key', raw)).toBe(true)
  })
})

describe('user.create', () => {
  const user = { username: 'ann', full_name: 'Ann', password: 'correct horse 2', ...once }

  it('answers a repeat as the first call', async () => {
    const made = await root.call<Entry>('user.create', user)
    expect(await root.call('user.create', user)).toEqual(made)
  })

  it('refuses another password', async () => {
    await root.call('user.create', user)
    const other = { ...user, password: 'correct horse 3' }
    expect(await refusalOf(root.call('user.create', other))).toBe(REUSED)
  })

  it('leaves no secret in the record', async () => {
    await root.call('user.create', user)
    const { Items = [] } = await new DynamoDBClient({}).send(
      new ScanCommand({ TableName: rig.table }),
    )
    const [record] = Items.filter(({ pk }) => pk?.S?.startsWith(`T#${admin.tenant}#ONCE#`))
    const names = ['at', 'params', 'pk', 'sk', 'subject', 'ttl', 'until']
    expect(Object.keys(record ?? {}).sort()).toEqual(names)
    const { idempotency_key: _, password: __, ...params } = user
    const quick = [params, { ...params, password: user.password }].map((value) =>
      createHash('sha256').update(JSON.stringify(value)).digest('base64url'),
    )
    expect(quick).not.toContain(record?.params?.S)
  })
})
