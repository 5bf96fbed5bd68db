/** A gate in its table: how it is written, how full it gets, and what of it each reader sees. */
import {
  DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createService } from '../../shared/service.ts'
import { resolveSession } from '../../shared/sessions/session.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { COPIES, MOST_IN_GATE } from '../../shared/store/gate.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, addUser, newTenant, type Rig, START, startRig } from '../kit/service.ts'
import { putItems, readItem } from '../kit/table.ts'

describe('a gate', () => {
  let rig: Rig
  let admin: User
  beforeAll(async () => {
    rig = await startRig()
    admin = await newTenant(rig.service)
  })
  afterAll(() => rig.close())

  const change = (user: User, to: object) =>
    rig.service.users.change(user, to, { event: 'user.update', at: START, actor: SERVICE })
  const copies = (tenant: number) =>
    Promise.all(
      Array.from({ length: COPIES }, (_, at) => readItem(rig.table, itemKey.gate(tenant, at))),
    )

  it('lies in equal copies, and which of them is read is chance', async () => {
    const user = await addUser(rig.service, admin.tenant, 'equal', ['API_KEY_READ'])
    const { key } = await addKey(rig.service, user)
    await change(user, { locked: true })
    const [first, ...others] = await copies(admin.tenant)
    for (const other of others) expect({ ...other, pk: '' }).toEqual({ ...first, pk: '' })
    for (let at = 0; at < COPIES; at++) {
      const chance = () => (at + 0.5) / COPIES
      const { keys, connections } = createService({ env: rig.service.env, chance })
      expect((await keys.forCheck([key]))[0]?.locked).toBe(true)
      const session = { ...sessionOf(user), key: { ...key, generation: 1 } }
      const { holder, gate } = await connections.held(session)
      expect(resolveSession(session, holder, gate, START)).toBeNull()
    }
  })

  it('is read for each tenant that keys are asked of', async () => {
    const other = await newTenant(rig.service)
    const keys = await Promise.all([addKey(rig.service, admin), addKey(rig.service, other)])
    await rig.service.tenants.setSuspended(other.tenant, true, START, SERVICE)
    const refs = keys.map(({ key }) => key)
    const found = await rig.service.keys.forCheck([...refs, ...refs.toReversed()])
    expect(found.map((one) => one?.suspended)).toEqual([false, true, true, false])
  })

  it('of a hundred keys of a hundred tenants is read for each', async () => {
    const refs = Array.from({ length: 100 }, (_, at) => ({ tenant: 1000 + at, n: 1 }))
    expect(await rig.service.keys.forCheck(refs)).toEqual(refs.map(() => null))
  })

  it('that is full takes no other user, but a newer change of one that is in it', async () => {
    const { tenant } = await newTenant(rig.service)
    const [inside, outside] = [
      await addUser(rig.service, tenant, 'inside', ['API_KEY_READ']),
      await addUser(rig.service, tenant, 'outside', ['API_KEY_READ']),
    ]
    await fill(tenant, [inside.uid], MOST_IN_GATE, '1 locked')
    expect(await change(outside, { locked: false })).toMatchObject({ reason: 'FULL' })
    expect(await rig.service.users.get(tenant, 'outside')).toMatchObject({ locked: false, rev: 1 })
    expect(await change(inside, { locked: false })).toMatchObject({ locked: false })
    // What people are called is no matter of the gate.
    expect(await change(outside, { fullName: 'x' })).toMatchObject({ fullName: 'x' })
  })

  it('that is full has room for who is to be locked, and for the tenant’s suspension', async () => {
    const long = Array.from({ length: 40 }, (_, at) => `ROLE_${at}`.padEnd(24, 'X')).join(' ')
    for (const [most, entry] of [
      [MOST_IN_GATE, '1 locked'],
      [100, `1 ${long}`],
    ] as const) {
      const { tenant } = await newTenant(rig.service)
      const user = await addUser(rig.service, tenant, 'full', ['API_KEY_READ'])
      const inside = await addUser(rig.service, tenant, 'inside', ['API_KEY_READ'])
      await fill(tenant, [inside.uid], most, entry)
      expect(await change(user, { roles: ['API_KEY_WRITE', 'API_KEY_READ'] })).toMatchObject({
        reason: 'FULL',
      })
      if (most < MOST_IN_GATE)
        expect(await change(inside, { roles: ['API_KEY_WRITE', 'API_KEY_READ'] })).toMatchObject({
          reason: 'FULL',
        })
      expect(await change(user, { locked: true })).toMatchObject({ locked: true })
      await rig.service.tenants.setSuspended(tenant, true, START, SERVICE)
      expect((await copies(tenant))[0]).toMatchObject({ suspended: true })
    }
  })

  it('has short entries: very many roles hold for a key from when it has them', async () => {
    const user = await addUser(rig.service, admin.tenant, 'many', ['API_KEY_READ'])
    const { key } = await addKey(rig.service, user)
    const roles = Array.from({ length: 100 }, (_, at) => `R${at}_`.padEnd(64, 'X'))
    const after = (await change(user, { roles })) as User
    expect((await copies(admin.tenant))[0]?.[`u${user.uid}`]).toBe('2 locked')
    expect((await rig.service.keys.forCheck([key]))[0]?.locked).toBe(true)
    await rig.service.keys.copyOwner(key, after)
    expect((await rig.service.keys.forCheck([key]))[0]).toMatchObject({ locked: false, roles })
  })

  it('shuts although changes of users write it all the time', async () => {
    const { tenant } = await newTenant(rig.service)
    let met = 0
    const send = DynamoDBClient.prototype.send
    const spy = vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(async function (
      this: DynamoDBClient,
      command: unknown,
    ) {
      if (command instanceof TransactWriteItemsCommand && ++met <= 20)
        throw new TransactionCanceledException({
          message: 'it met another',
          $metadata: { httpStatusCode: 400 },
          CancellationReasons: [{ Code: 'TransactionConflict' }],
        })
      return (send as (command: unknown) => Promise<never>).call(this, command)
    } as never)
    await rig.service.tenants.setSuspended(tenant, true, START, SERVICE)
    spy.mockRestore()
    expect((await copies(tenant))[0]).toMatchObject({ suspended: true })
  })

  /** Puts so many entries into a gate, those of some users among them. */
  const fill = (tenant: number, uids: readonly number[], most: number, entry: string) => {
    const others = Array.from({ length: most - uids.length }, (_, at) => 1e6 + at)
    const entries = Object.fromEntries([...uids, ...others].map((uid) => [`u${uid}`, entry]))
    return putItems(
      rig.table,
      Array.from({ length: COPIES }, (_, at) => ({ ...itemKey.gate(tenant, at), ...entries })),
    )
  }
})

// ---------------------------------------------------------------------------------------------

const sessionOf = ({ tenant, uid, username }: User) => ({
  id: 's',
  tenant,
  uid,
  username,
  credentials: 'API_KEY' as const,
  parent: null,
  scram: false,
  passwordVersion: 0,
  loginAt: START,
})
