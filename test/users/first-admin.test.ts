/** The way back in for who runs the service: what it gives, what it ends, and what the audit says of it. */
import { beforeEach, expect, it } from 'vitest'
import { Secret } from '../../shared/domain/secret.ts'
import { checkKey } from '../../shared/keys/check.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/user-items.ts'
import { letAdminIn } from '../../shared/users/first-admin.ts'
import { said, watch } from '../audit/ledger.ts'
import { type Sockets, startSockets } from '../kit/peer.ts'
import { setUpFactor } from '../kit/second-factor.ts'
import { addKey, addUser, newTenant, type Rig, slugOf, startRig } from '../kit/service.ts'

const NEW = 'another horse'

let rig: Rig
let admin: User
let sockets: Sockets
beforeEach(async () => {
  rig = await startRig()
  admin = await newTenant(rig.service)
  sockets = startSockets(rig.service)
  return () => rig.close()
})

const letIn = () => letAdminIn(rig.service, admin.tenant, new Secret(NEW), 'operator')
const lock = async (user: User): Promise<unknown> => {
  const deed = { event: 'user.update', at: rig.clock.now, actor: SERVICE } as const
  return rig.service.users.change(user, { locked: true }, deed)
}

it('the new password alone opens, and ends what the one before had opened', async () => {
  const before = await sockets.signIn(admin)
  await setUpFactor(before, 'admin', () => rig.clock.now, { password: 'correct horse' })
  const { raw } = await addKey(rig.service, admin)
  expect(await letIn()).toMatchObject({ username: 'admin', secondFactor: null })
  expect(await before.call('auth.me').catch(() => 'refused')).toBe('refused')
  const login = async (password: string) => {
    const username = `admin@${await slugOf(rig.service, admin)}`
    const peer = await sockets.open()
    const asked = { mechanism: 'PASSWORD_PLAIN', username, password }
    return peer.call<{ response_type: string }>('auth.login_ex', asked)
  }
  expect(await login('correct horse')).toMatchObject({ response_type: 'AUTH_ERR' })
  expect(await login(NEW)).toMatchObject({ response_type: 'SUCCESS' })
  expect((await checkKey(rig.service, raw.reveal())).state).toBe('active')
})

it('the audit says who did it, and no secret', async () => {
  const left = await watch(rig.table, letIn)
  expect(said(left)).toEqual({
    'user.set_password admin': { password_version: { from: 1, to: 2 } },
  })
  expect(left.entries[0]?.actor).toEqual({ username: 'operator', keyId: null, address: null })
})

it('it is the first who is not locked, and nobody without FULL_ADMIN', async () => {
  await addUser(rig.service, admin.tenant, 'reader', ['READONLY_ADMIN'])
  const second = await addUser(rig.service, admin.tenant, 'zoe', ['FULL_ADMIN'])
  await addUser(rig.service, admin.tenant, 'bob', ['FULL_ADMIN'])
  expect(await letIn()).toMatchObject({ username: 'admin' })
  await lock((await rig.service.users.get(admin.tenant, 'admin')) as User)
  expect(await letIn()).toMatchObject({ uid: second.uid })
  expect(await rig.service.users.get(admin.tenant, 'admin')).toMatchObject({ locked: true })
})

it('the only one is unlocked', async () => {
  await lock(admin)
  expect(await letIn()).toMatchObject({ username: 'admin', locked: false })
  expect(await sockets.signIn(admin, NEW)).toBeDefined()
})

it('where nobody is, nobody gets one', async () => {
  expect(await letAdminIn(rig.service, admin.tenant + 1, new Secret(NEW), 'operator')).toBeNull()
})
