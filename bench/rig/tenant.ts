/** A tenant to measure with: a device that asks, and the keys that it asks about. */
import { randomBytes } from 'node:crypto'
import { setEnvironment } from '../../local/environment.ts'
import { parseKey } from '../../shared/domain/key.ts'
import { parseEnv } from '../../shared/env.ts'
import { createKey } from '../../shared/keys/create.ts'
import { createService, type Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { newUser } from '../../shared/store/user-items.ts'
import { createTenant } from '../../shared/tenants/commands.ts'
import type { Cloud } from './cloud.ts'

/** How many keys are asked about, in turn: as many as a batch takes. */
export const KEYS = 100

export type Tenant = {
  readonly tenant: number
  /** Raw key of a device, whose user has the role KEY_VALIDATE. */
  readonly device: string
  /** Raw key of the administrator. */
  readonly admin: string
  /** Raw keys that are good. */
  readonly keys: readonly string[]
  /** Of the right form and checksum; nobody's. */
  readonly unknown: string
}

/** @param existing a tenant of an earlier run, which gets keys of its own for this one. */
export const makeTenant = async (cloud: Cloud, existing?: number): Promise<Tenant> => {
  // Clients read the environment when they first ask; the service makes its own.
  const restore = setEnvironment(cloud.environment(''))
  try {
    const service = createService({ env: parseEnv(process.env) })
    const tenant = existing ?? (await addTenant(service))
    const run = Date.now()
    const keyOf = (username: string, name: string) =>
      issue(service, tenant, username, `${name} ${run}`)
    const keys: string[] = []
    for (let at = 0; at < KEYS; at++) keys.push(await keyOf('admin', `bench ${at}`))
    const unknown = await keyOf('admin', 'gone')
    await service.keys.remove(await checked(service, unknown), { at: Date.now(), actor: SERVICE })
    const device = await keyOf('device', 'device')
    return { tenant, device, admin: await keyOf('admin', 'admin'), keys, unknown }
  } finally {
    restore()
  }
}

// ---------------------------------------------------------------------------------------------

const addTenant = async (service: Service): Promise<number> => {
  const slug = `bench-${randomBytes(4).toString('hex')}`
  const admin = { username: 'admin', fullName: 'Admin', password: null }
  const made = await createTenant(service, { slug, name: 'Bench', admin }, SERVICE)
  if (made === null) throw new Error('the tenant was not made')
  await addDevice(service, made.tenant.tenant)
  return made.tenant.tenant
}

const addDevice = async (service: Service, tenant: number): Promise<void> => {
  const uid = await service.tenants.next(tenant, 'users')
  const user = newUser({
    tenant,
    uid,
    username: 'device',
    fullName: 'Devices that check keys',
    roles: ['KEY_VALIDATE'],
    createdAt: Date.now(),
  })
  await service.users.add(user, SERVICE)
}

const issue = async (
  service: Service,
  tenant: number,
  username: string,
  name: string,
): Promise<string> => {
  const owner = await service.users.get(tenant, username)
  if (owner === null) throw new Error(`no user ${username}`)
  const { raw } = await createKey(service, { tenant, name, expires: null, owner, actor: SERVICE })
  return raw.reveal()
}

const checked = async (service: Service, raw: string) => {
  const ref = parseKey(raw)
  const [key] = ref === null ? [] : await service.keys.forCheck([ref])
  if (!key) throw new Error('the key was not made')
  return key
}
