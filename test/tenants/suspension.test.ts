/** A suspended tenant: there is no way in, whatever one holds; and all of it is back when the tenant goes on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sweep } from '../../shared/jobs/sweep.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { suspendTenant } from '../../shared/tenants/commands.ts'
import { asClient, bearer, send } from '../http/kit.ts'
import { entry, holdWrites } from '../kit/held.ts'
import { type Peer, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { scramLogin } from '../kit/scram.ts'
import { setUpFactor } from '../kit/second-factor.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'
import { readItem } from '../kit/table.ts'

const PASSWORD = 'correct horse'

let rig: Rig
let sockets: Sockets
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  await newTenant(rig.service)
  // Makes the key that signs access tokens.
  await sweep(rig.service)
})
afterAll(() => rig.close())

const suspend = ({ tenant }: User, suspended = true) =>
  suspendTenant(rig.service, tenant, suspended, SERVICE)

/** A tenant with what opens doors: keys of people and of a device, a password with a second factor, tokens. */
const makeWorld = async () => {
  const { service } = rig
  const admin = await newTenant(service)
  const slug = (await service.tenants.slugOf(admin.tenant)) as string
  const root = await sockets.signIn(admin)
  const bob = await root.call<{ id: number }>('user.create', {
    username: 'bob',
    full_name: 'Bob',
    roles: ['KEY_VALIDATE', 'API_KEY_READ'],
    password: PASSWORD,
  })
  const user = (await service.users.get(admin.tenant, 'bob')) as User
  const raw = (await addKey(service, user)).raw.reveal()
  const { token: invitation } = await root.call<{ token: string }>('device.invite', {})
  const factored = await root.call<{ id: number }>('user.create', {
    username: 'eve',
    full_name: 'Eve',
    roles: ['READONLY_ADMIN'],
    password: PASSWORD,
  })
  const eve = (await service.users.get(admin.tenant, 'eve')) as User
  const factor = await setUpFactor(await sockets.signIn(eve), 'eve', () => rig.clock.now, {
    password: PASSWORD,
  })
  rig.clock.now += 30_000
  const { text } = await grant(raw)
  const { access_token } = JSON.parse(text)
  const maker = await sockets.openAs(user)
  const token = await maker.call<string>('auth.generate_token', 600, {}, false)
  return {
    ...{ admin, slug, root, bob, user, raw, invitation, factored, factor, access_token },
    ...{ token, byKey: maker },
  }
}
type World = Awaited<ReturnType<typeof makeWorld>>

const grant = (raw: string) =>
  send(rig.service, '/oauth2/token', {
    form: { grant_type: 'client_credentials' },
    headers: asClient(raw),
  })
const asks = (by: string, token: string) =>
  send(rig.service, '/oauth2/introspect', { form: { token }, headers: bearer(by) })
const asksMany = (by: string, token: string) =>
  send(rig.service, '/v1/introspect', { json: { tokens: [token, token] }, headers: bearer(by) })
const passes = (by: string, visitor: string) =>
  send(rig.service, '/v1/forward-auth', {
    headers: { ...bearer(visitor), 'keyharbor-authorization': `Bearer ${by}` },
  })
const logIn = async (world: World, username: string): Promise<[Peer, string]> => {
  const peer = await sockets.open()
  const { response_type } = await peer.call<{ response_type: string }>('auth.login_ex', {
    mechanism: 'PASSWORD_PLAIN',
    username: `${username}@${world.slug}`,
    password: PASSWORD,
  })
  return [peer, response_type]
}

/** Every way in: what it is answered where the tenant is in order, and where it is suspended. */
const WAYS: Readonly<Record<string, readonly [unknown, unknown, (world: World) => unknown]>> = {
  'a check by key': [
    '200 true',
    '401 The key is locked.',
    async ({ raw }) => {
      const { status, body } = await asks(raw, raw)
      return `${status} ${body.active ?? body.error_description}`
    },
  ],
  'a check by access token': [
    true,
    false,
    async ({ raw, access_token }) => (await asks(access_token, raw)).body.active,
  ],
  'a check of an access token': [
    true,
    false,
    async ({ access_token }) => (await asks(access_token, access_token)).body.active,
  ],
  'many checks by access token': [
    [true, true],
    [false, false],
    async ({ raw, access_token }) =>
      (await asksMany(access_token, raw)).body.results.map(
        (one: { active: boolean }) => one.active,
      ),
  ],
  'a visitor at a gateway': [
    200,
    401,
    async ({ raw, access_token }) => (await passes(access_token, raw)).status,
  ],
  'an access token': [200, 401, async ({ raw }) => (await grant(raw)).status],
  'a login by key': [
    true,
    false,
    async ({ raw }) => (await sockets.open()).call('auth.login_with_api_key', raw),
  ],
  'a login by SCRAM': [
    'SCRAM_RESPONSE',
    'AUTH_ERR',
    async ({ raw }) => {
      const peer = await sockets.open()
      return (await scramLogin(peer.call.bind(peer), { username: 'bob', raw })).last?.response_type
    },
  ],
  'a login by password': ['SUCCESS', 'AUTH_ERR', async (world) => (await logIn(world, 'bob'))[1]],
  'a password before its code': [
    'OTP_REQUIRED',
    'AUTH_ERR',
    async (world) => (await logIn(world, 'eve'))[1],
  ],
  'a login by token': [
    true,
    false,
    async ({ token }) => (await sockets.open()).call('auth.login_with_token', token),
  ],
  'a frame of a session by key': [
    'not refused',
    '-32001 [EACCES] Session is expired',
    async ({ byKey }) => refusalOf(byKey.call('auth.me')),
  ],
  'a frame of a session by password': [
    'not refused',
    '-32001 [EACCES] Session is expired',
    async ({ root }) => refusalOf(root.call('user.query')),
  ],
}

describe.each(Object.entries(WAYS))('%s', (_, [open, closed, act]) => {
  it('is closed while the tenant is suspended, and open before and after', async () => {
    const world = await makeWorld()
    expect(await act(world)).toEqual(open)
    await suspend(world.admin)
    expect(await act(world)).toEqual(closed)
    await suspend(world.admin, false)
    expect(await act(world)).toEqual(open)
  })
})

describe('a suspended tenant', () => {
  it('takes no code that was waited for', async () => {
    const world = await makeWorld()
    const [peer, answer] = await logIn(world, 'eve')
    expect(answer).toBe('OTP_REQUIRED')
    await suspend(world.admin)
    const code = { mechanism: 'OTP_TOKEN', otp_token: world.factor.code() }
    expect(await peer.call('auth.login_ex_continue', code)).toMatchObject({
      response_type: 'AUTH_ERR',
    })
  })

  it('enrols no device, and does once it goes on', async () => {
    const world = await makeWorld()
    const enroll = async () =>
      (await sockets.open()).call('device.enroll', { token: world.invitation, name: 'nas' })
    await suspend(world.admin)
    expect(await refusalOf(enroll())).toMatch('The enrolment token is not valid.')
    await suspend(world.admin, false)
    expect(await enroll()).toMatchObject({ name: 'nas' })
  })

  it('hears nothing more', async () => {
    const world = await makeWorld()
    await world.root.call('core.subscribe', 'api_key.query')
    const { key } = await addKey(rig.service, world.user)
    const at = itemKey.key(key)
    const after = await readItem(rig.table, at)
    const heard = () => sockets.pushed.filter(({ connection }) => connection === world.root.id)
    await streamed(sockets.service, { key: at, before: null, after })
    expect(heard()).toHaveLength(1)
    await suspend(world.admin)
    await streamed(sockets.service, { key: at, before: null, after })
    expect(heard()).toHaveLength(1)
  })

  it('changes nothing by calls that were under way, and its sessions go on once it does', async () => {
    const { admin, root } = await makeWorld()
    const make = (name: string) => root.call('api_key.create', { name, username: 'admin' })
    await make('before')
    const held = holdWrites(entry('key.create', 'admin'))
    const told = refusalOf(make('in flight'))
    await held.until(1)
    await suspend(admin)
    held.release()
    expect(await told).toBe('-32001 [EACCES] Session is expired')
    await suspend(admin, false)
    expect(await refusalOf(make('after'))).toBe('not refused')
    expect(await rig.service.keys.nameTaken(admin.tenant, 'in flight')).toBeNull()
  })

  it('is one tenant: its neighbour goes on', async () => {
    const [world, other] = [await makeWorld(), await makeWorld()]
    await suspend(world.admin)
    expect((await asks(other.raw, other.raw)).body).toMatchObject({ active: true })
    // A key of another tenant is none of the caller's business, suspended or not.
    expect((await asks(other.raw, world.raw)).body).toEqual({ active: false })
  })

  it('is suspended once by several at once, and resumed once', async () => {
    const { admin } = await makeWorld()
    for (const suspended of [true, false]) {
      const all = await Promise.all([1, 2, 3].map(() => suspend(admin, suspended)))
      expect(all.map((one) => one?.suspended)).toEqual([suspended, suspended, suspended])
    }
    expect(await suspend({ ...admin, tenant: 9_000_000 })).toBeNull()
  })

  it('still has its keys ended by the clock', async () => {
    const { admin, user } = await makeWorld()
    const { key } = await addKey(rig.service, user, { expires: rig.clock.now + 1000 })
    await suspend(admin)
    rig.clock.now += 1000
    await sweep(rig.service)
    const [swept] = await rig.service.keys.byNumbers(key.tenant, [key.n])
    expect(swept?.revoked).toMatchObject({ cause: 'expired' })
  })

  it('has a lock made before hold after', async () => {
    const { admin, root, bob, raw } = await makeWorld()
    await root.call('user.update', bob.id, { locked: true })
    await suspend(admin)
    await suspend(admin, false)
    expect((await asks(raw, raw)).body.error_description).toBe('The key is locked.')
  })
})
