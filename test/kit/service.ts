/** The service on a real DynamoDB and KMS, with a clock that is moved by hand. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ensureTable } from '../../local/table.ts'
import { Fault } from '../../shared/domain/fault.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { parseEnv } from '../../shared/env.ts'
import { createKey, type IssuedKey } from '../../shared/keys/create.ts'
import { createService, type Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { newUser, type User } from '../../shared/store/user-items.ts'
import { createTenant } from '../../shared/tenants/commands.ts'
import { startBackend } from './backend.ts'
import { CHEAP, type Costs } from './costs.ts'
import { recordMetrics } from './metrics.ts'

export const START = Date.UTC(2026, 10, 23)

/** Makes a table, and starts KMS or uses what the run was given; `kmsCalls` counts what KMS was asked. */
export const startRig = async (variables: Record<string, string> = {}, costs: Costs = {}) => {
  const backend = await startBackend()
  const { table } = backend
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    ...backend.credentials,
    AWS_ENDPOINT_URL_DYNAMODB: backend.dynamoUrl,
    AWS_ENDPOINT_URL_KMS: backend.kmsUrl,
  })
  const client = new DynamoDBClient({})
  await ensureTable(client, table)
  /** `ahead`: how far the wall clock is from the time that passes, which alone goes on. */
  const clock = { now: START, ahead: 0 }
  const settings = { ...backend.settings, KEYHARBOR_LOCAL: '1', ...variables }
  const { metrics, take } = recordMetrics()
  const optionsOf = (others: Record<string, string> = {}) => ({
    env: parseEnv({ ...settings, ...others }),
    now: () => clock.now + clock.ahead,
    elapsed: () => clock.now,
    metrics,
    ...CHEAP,
    ...costs,
  })
  const log = { info: () => {}, error: () => {} }
  const make = (others?: Record<string, string>): Service => ({
    ...createService(optionsOf(others)),
    log,
  })
  return {
    clock,
    client,
    make,
    table,
    service: make(),
    kmsCalls: backend.counted,
    /** What was counted since the last look. */
    counted: take,
    kmsDown: backend.kmsDown,
    async close(): Promise<void> {
      await backend.close(client)
      client.destroy()
    },
  }
}

export type Rig = Awaited<ReturnType<typeof startRig>>

let tenants = 0

/** A tenant of its own for a test, with its administrator. */
export const newTenant = async (service: Service): Promise<User> => {
  const made = await createTenant(
    service,
    {
      slug: `t${++tenants}-${process.pid}`,
      name: 'Test',
      admin: { username: 'admin', fullName: 'Admin', password: new Secret('correct horse') },
    },
    SERVICE,
  )
  const user = made && (await service.users.get(made.tenant.tenant, 'admin'))
  if (user === null) throw new Error('the tenant was not made')
  return user
}

/** What users of a tenant write behind the `@` of their name. */
export const slugOf = async (service: Service, { tenant }: User): Promise<string> => {
  const slug = await service.tenants.slugOf(tenant)
  if (slug === null) throw new Error(`there is no tenant ${tenant}`)
  return slug
}

export const addUser = async (
  service: Service,
  tenant: number,
  username: string,
  roles: readonly string[],
): Promise<User> => {
  const uid = await service.tenants.next(tenant, 'users')
  const createdAt = service.now()
  const user = newUser({ tenant, uid, username, fullName: username, roles, createdAt })
  await service.users.add(user, SERVICE)
  return user
}

let names = 0

/** A key for a user, named as asked or by a number. */
export const addKey = async (
  service: Service,
  { tenant, username }: User,
  { name = `key ${++names}`, expires = null }: { name?: string; expires?: number | null } = {},
): Promise<IssuedKey> => {
  const owner = await service.users.get(tenant, username)
  if (owner === null) throw new Error(`no user ${username}`)
  return createKey(service, { tenant, name, expires, owner, actor: SERVICE })
}

/** What a promise was refused with: the code of a Fault, or the messages of a validation. */
export const refusal = async (promise: Promise<unknown>): Promise<string | string[]> => {
  try {
    await promise
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return error.violations?.map(([at, text]) => `${at}: ${text}`) ?? error.code
  }
  throw new Error('it was not refused')
}
