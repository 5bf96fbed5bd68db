/** No condition holds the owner of a key that is made: what becomes of them meanwhile reaches the key all the same. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { idOf } from '../../shared/domain/key.ts'
import { DEVICES } from '../../shared/domain/names.ts'
import { updateKey } from '../../shared/keys/change.ts'
import { checkKey } from '../../shared/keys/check.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import { LINGER_MS } from '../../shared/store/propagations.ts'
import type { User, UserChange } from '../../shared/store/user-items.ts'
import { propagate } from '../../shared/users/propagate.ts'
import { beforeWrites, entry } from '../kit/held.ts'
import { refusalOf, startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, refusal, startRig } from '../kit/service.ts'
import { readItem, scan } from '../kit/table.ts'

let rig: Rig
let admin: User
let user: User
let users = 0
beforeAll(async () => {
  rig = await startRig()
  admin = await newTenant(rig.service)
})
afterAll(() => rig.close())
beforeEach(async () => {
  user = await addUser(rig.service, admin.tenant, `user-${++users}`, ['API_KEY_WRITE'])
})
afterEach(() => vi.restoreAllMocks())

/** Changes the user, to the end: their keys have it, and the gate says it no more. */
const change = async (to: UserChange): Promise<void> => {
  const deed = { event: 'user.update', at: rig.service.now(), actor: SERVICE } as const
  const after = await rig.service.users.change(user, to, deed)
  if ('reason' in after) throw new Error(after.reason)
  await propagate(rig.service, user, { left: 100 })
  rig.clock.now += LINGER_MS
  await propagate(rig.service, user, { left: 100 })
  expect(await rig.service.propagations.get(user.tenant, user.uid)).toBeNull()
}
const namesake = async (): Promise<void> => {
  await change({ deleted: true })
  await addUser(rig.service, user.tenant, user.username, ['API_KEY_WRITE'])
}
/** Between the reading of the owner and the put of their key. */
const meanwhile = (act: () => Promise<unknown>, event = 'key.create'): void => {
  let isOver = false
  beforeWrites(entry(event), async () => {
    if (isOver) return
    isOver = true
    await act()
  })
}
/** A process that reads the owner and puts the key, and is cut off then. */
const cutOff = () => {
  const service = rig.make()
  const { get } = service.users
  let reads = 0
  const once: typeof get = (...of) =>
    ++reads > 1 ? Promise.reject(new Error('cut off')) : get(...of)
  return { ...service, users: { ...service.users, get: once } }
}
const reset = (n: number) =>
  updateKey(rig.service, {
    ref: { tenant: admin.tenant, n },
    actor: SERVICE,
    update: { reset: true, graceSeconds: 60 },
  })

describe('a key whose owner changes before it is put', () => {
  it.each<[string, UserChange, object]>([
    ['gets roles', { roles: ['FULL_ADMIN'] }, { state: 'active', key: { roles: ['FULL_ADMIN'] } }],
    ['loses roles', { roles: [] }, { state: 'active', key: { roles: [] } }],
    ['is locked', { locked: true }, { state: 'locked' }],
  ])('who %s, is told with what they may do now', async (_, to, verdict) => {
    meanwhile(() => change(to))
    const { raw } = await addKey(rig.service, user)
    expect(await checkKey(rig.service, raw.reveal())).toMatchObject(verdict)
  })

  it.each([
    ['is deleted', () => change({ deleted: true })],
    ['is deleted and has a namesake', namesake],
  ])('who %s, is not there, nor told', async (_, act) => {
    meanwhile(act)
    const name = `of nobody ${users}`
    expect(await refusal(addKey(rig.service, user, { name }))).toEqual([
      'api_key_create: User does not exist.',
    ])
    expect(await rig.service.keys.nameTaken(user.tenant, name)).toBeNull()
    expect(await rig.service.keys.ownedBy(user.tenant, user.uid)).toEqual([])
  })

  it('and is taken back, leaves no record of the call that made it', async () => {
    const root = await startSockets(rig.service).openAs(admin)
    meanwhile(() => change({ deleted: true }))
    const { username } = user
    const asked = { name: 'taken back', username, idempotency_key: 'once' }
    const ask = () => refusalOf(root.call('api_key.create', asked))
    expect(await ask()).toMatch(/User does not exist/)
    expect(await ask()).toMatch(/User does not exist/)
    user = await addUser(rig.service, admin.tenant, username, ['API_KEY_WRITE'])
    expect(await ask()).toBe('not refused')
  })
})

describe('a device', () => {
  it('that enrols while the devices’ user is deleted leaves nothing', async () => {
    const tenant = await newTenant(rig.service)
    const sockets = startSockets(rig.service)
    const root = await sockets.openAs(tenant)
    const { token } = await root.call<{ token: string }>('device.invite')
    user = (await rig.service.users.get(tenant.tenant, DEVICES)) ?? expect.fail('no user')
    // By a call that read them while they had a password, as one from before their name was reserved may.
    meanwhile(() => change({ deleted: true }), 'device.enroll')
    const device = await sockets.open()
    expect(await refusalOf(device.call('device.enroll', { token, name: 'nas' }))).toBe(
      '-32001 [EACCES] The enrolment token is not valid.',
    )
    expect(await rig.service.keys.ownedBy(user.tenant, user.uid)).toEqual([])
    expect(await root.call('device.query')).toEqual([])
    const { pk, sk } = itemKey.device({ tenant: user.tenant, n: 0 })
    const left = (await scan(rig.table)).filter((one) => one.pk === pk)
    expect(left.filter((one) => one.sk.startsWith(sk.slice(0, 7)))).toEqual([])
  })
})

describe('a key whose maker is cut off before it reads the owner again', () => {
  it('is told to nobody, and right once it is reset', async () => {
    meanwhile(() => change({ roles: ['API_KEY_READ'] }))
    expect(await refusal(addKey(cutOff(), user))).toBe('OUTCOME_UNKNOWN')
    const [n = 0] = await rig.service.keys.ownedBy(user.tenant, user.uid)
    const item = await readItem(rig.table, itemKey.check({ tenant: user.tenant, n }))
    expect(item).toMatchObject({ roles: ['API_KEY_WRITE'] })
    const { issued } = await reset(n)
    expect(await checkKey(rig.service, issued?.raw.reveal() as string)).toMatchObject({
      state: 'active',
      key: { roles: ['API_KEY_READ'], userVersion: user.version + 1 },
    })
  })

  it.each([
    ['deleted', () => change({ deleted: true })],
    ['deleted and has a namesake', namesake],
  ])('is reset for nobody once they are %s', async (_, act) => {
    const root = await startSockets(rig.service).openAs(admin)
    meanwhile(act)
    expect(await refusal(addKey(cutOff(), user))).toBe('OUTCOME_UNKNOWN')
    const [n = 0] = await rig.service.keys.ownedBy(user.tenant, user.uid)
    const resetting = root.call('api_key.update', idOf({ tenant: user.tenant, n }), { reset: true })
    expect(await refusalOf(resetting)).toMatch(/User does not exist/)
  })
})
