/** What is there in the end, in calm weather: every secret, session and name is asked for once more. */
import { checkKey } from '../acts/keys.ts'
import { okOf } from '../acts/logins.ts'
import type { Tenant } from '../acts/tenants.ts'
import { openSocket } from '../client.ts'
import type { Make } from '../facts.ts'
import { changedAt } from '../history.ts'
import type { World } from '../world.ts'
import { fateOfSecret, fateOfSession } from './authority.ts'
import type { Violation } from './judge.ts'

/** Until everything in the background has had its time. */
const SETTLES_MS = 120_000
const MINUTE_MS = 60_000

export const reckon = async (world: World, tenants: readonly Tenant[]): Promise<Violation[]> => {
  world.calm()
  await settle(world)
  const found: Violation[] = []
  for (const { secret, passed } of await lastPasses(world, tenants)) {
    const isAlive = fateOfSecret(world.facts, secret).is === 'alive'
    if (isAlive && passed !== true)
      found.push({
        promise: 'good-fails',
        text: `${secret.label} is refused in the end, and nothing has ended it`,
        ops: [secret.born],
      })
  }
  for (const session of world.facts.sessions) {
    if (!session.isCurrent()) continue
    const op = await session.ask('auth.me')
    const isAlive = fateOfSession(world.facts, session).is === 'alive'
    if (isAlive && op.outcome?.kind !== 'ok')
      found.push({
        promise: 'good-fails',
        text: `${session.label} is refused in the end, and nothing has ended it`,
        ops: [session.opened, op],
      })
  }
  for (const tenant of tenants) found.push(...(await compareNames(world, tenant)))
  return found
}

// ---------------------------------------------------------------------------------------------

const settle = async (world: World): Promise<void> => {
  for (let waited = 0; waited < SETTLES_MS; waited += MINUTE_MS) {
    await world.clock.sleep(MINUTE_MS)
    const alive = world.processes.find(({ process }) => process.alive)
    await alive?.sweep()
  }
}

const lastPasses = async (world: World, tenants: readonly Tenant[]) => {
  const passes = []
  for (const secret of world.facts.secrets) {
    const tenant = tenants.find(({ slug }) => slug === secret.tenant)
    if (tenant === undefined) continue
    const passed = await checkKey(world, 'reckoner', tenant.key, secret)
    passes.push({ secret, passed })
  }
  return passes
}

const compareNames = async (world: World, { slug, key }: Tenant): Promise<Violation[]> => {
  const { facts } = world
  const reader = await openSocket(world, 'reckoner', { tenant: slug })
  await reader.call('auth.login_with_api_key', key.raw)
  const names = async (method: string, field: string): Promise<Set<unknown>> => {
    const rows = okOf(await reader.call(method)) as Record<string, unknown>[] | null
    return new Set(rows?.map((row) => row[field]))
  }
  const there = {
    key: await names('api_key.query', 'name'),
    user: await names('user.query', 'username'),
  }
  const missing = ({ op, what, name }: Make): boolean =>
    op.outcome?.kind === 'ok' && !there[what].has(name) && !mayHaveGone(world, op)
  const made = facts.makes.filter((make) => make.tenant === slug)
  return made.filter(missing).map(({ op, what, name }) => ({
    promise: 'told-done',
    text: `#${op.n} made the ${what} "${name}", which is gone in the end`,
    ops: [op],
  }))
}

/** Renamed or deleted since, perhaps. */
const mayHaveGone = ({ facts, history }: World, op: Make['op']): boolean => {
  const id = (okOf(op) as { id: number }).id
  return (
    facts.removes.some((one) => one.id === id) ||
    history.ops.some(
      ({ method, params, outcome, effects }) =>
        /^api_key\.update$|^user\.delete$/.test(method) &&
        (params === `[${id}]` || params.startsWith(`[${id},`)) &&
        (outcome?.kind !== 'refused' || changedAt({ effects } as never) !== null),
    )
  )
}
