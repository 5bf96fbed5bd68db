/** A key is revoked behind very many changes of others: its sockets don't wait for what subscribers are told of those. */
import { createFilter } from '../../../local/assembly/event-filter.ts'
import { refOf } from '../../../shared/domain/key.ts'
import { closeEnded } from '../../../shared/live/close.ts'
import type { Change } from '../../../shared/live/rounds.ts'
import { tellSubscribers } from '../../../shared/live/tell.ts'
import type { Service } from '../../../shared/service.ts'
import { filterOf, type ReaderName } from '../../../shared/store/heard.ts'
import { itemKey } from '../../../shared/store/item-keys.ts'
import { createKey, revokeKey } from '../acts/keys.ts'
import { signIn } from '../acts/logins.ts'
import { inBatches } from '../acts/many.ts'
import { must, newTenant } from '../acts/tenants.ts'
import type { Client } from '../client.ts'
import type { Secret } from '../history.ts'
import type { Violation } from '../judge/judge.ts'
import type { World } from '../world.ts'
import type { Scenario } from './scenario.ts'

const KEYS = 60
/** Changes of a key in a row, which are told as one. */
const IN_A_ROW = 8
const SOCKETS = 24
const SUBSCRIBERS = 16
/** As Lambda's. */
const BATCH = 100
const FUNCTION_MS = 60_000

const CLOSED_MS = 2000
/** How long a judgement serves, and a push on its way. */
const TOLD_MS = 1100

/** @param changes each is two records, as listed and as checked. @param slow whether it takes too long for the tests. */
const scenario = (name: string, changes: number, slow: boolean): Scenario => ({
  ...(slow && { slow }),
  name,
  shows:
    'The sockets of a revoked key are closed within two seconds, and told nothing more, whatever else changed',
  run: async (world) => {
    const { clock } = world
    const tenant = await newTenant(world, 'amber')
    const key = must(await createKey(world, tenant.root, { name: 'lost', username: 'root' }))
    const open = async (name: string, secret: Secret): Promise<Client> => {
      const client = await signIn(world, name, secret)
      await client.call('core.subscribe', 'api_key.query')
      return client
    }
    const victims = await inBatches(SOCKETS, (n) => open(`victim ${n}`, key))
    const others = await inBatches(SUBSCRIBERS, (n) => open(`listener ${n}`, tenant.key))
    const { tenant: number } = must(refOf(key.id))
    const records = changesOf(number, changes, clock.now())
    const told: Told[] = []
    const service = await listening(world, told)
    const telling = read(world, records, 'tell', service)
    await revokeKey(world, tenant.root, key.id)
    const revoked = clock.elapsed()
    records.push(revokedRecord(must(refOf(key.id)), clock.now()))
    await read(world, records, 'close', service)
    const took = clock.elapsed() - revoked
    await telling
    return {
      tenants: [tenant],
      violations: judged(world, { changes, victims, others, told, revoked, took }),
    }
  },
})

/** A fifth of the ten thousand records that `backlog-10000` has. */
export const backlog = scenario('backlog', 1000, false)
export const backlog10000 = scenario('backlog-10000', 5000, true)

// ---------------------------------------------------------------------------------------------

type Told = { readonly connection: string; readonly at: number; readonly text: string }
type Seen = {
  readonly changes: number
  readonly victims: readonly Client[]
  readonly others: readonly Client[]
  readonly told: readonly Told[]
  readonly revoked: number
  readonly took: number
}

const judged = (
  world: World,
  { changes, victims, others, told, revoked, took }: Seen,
): Violation[] => {
  const violations: Violation[] = []
  const found = (text: string) => violations.push({ promise: 'closed', text, ops: [] })
  const open = victims.filter(({ id }) => !world.gone.has(id)).length
  world.history.note(`closed after ${took.toFixed(0)} ms; ${told.length} events were told`)
  if (open > 0) found(`${open} sockets of the revoked key are open`)
  if (took > CLOSED_MS) found(`sockets of the revoked key were closed after ${took.toFixed(0)} ms`)
  const ids = new Set(victims.map(({ id }) => id))
  const late = told.filter(({ connection, at }) => ids.has(connection) && at > revoked + TOLD_MS)
  if (late.length > 0) found(`${late.length} events were told to who had ended`)
  for (const { id, name } of others) {
    const last = told.filter(({ connection }) => connection === id).at(-1)?.text ?? ''
    if (!last.includes(nameOf(changes - 1))) found(`${name} didn't hear of the last change`)
  }
  return violations
}

/** A process whose pushes take their time, as they do on AWS. */
const listening = async (world: World, told: Told[]): Promise<Service> => {
  const { clock, gone, random } = world
  const { service } = world.start('reader')
  return {
    ...service,
    push: {
      send: async (connection, text) => {
        const at = clock.elapsed()
        await clock.sleep(random.between(2, 8))
        if (gone.has(connection)) return 'gone'
        told.push({ connection, at, text })
        return 'sent'
      },
      close: async (connection, how) => {
        await clock.sleep(random.between(2, 8))
        await service.push.close(connection, how)
      },
    },
  }
}

/** Calls a reader for what it hears of, batch after batch, as Lambda does. */
const read = async (
  { clock }: World,
  records: readonly Change[],
  name: ReaderName,
  service: Service,
): Promise<void> => {
  const hears = createFilter([filterOf(name)])
  const heard = records.filter(({ key, before, after }) => {
    const eventName = before === null ? 'INSERT' : after === null ? 'REMOVE' : 'MODIFY'
    return hears({ eventName, dynamodb: { Keys: { sk: { S: key.sk } } } })
  })
  const act = name === 'close' ? closeEnded : tellSubscribers
  for (let at = 0; at < heard.length; ) {
    const batch = heard.slice(at, at + BATCH)
    const until = clock.now() + FUNCTION_MS
    at += (await act(service, batch, () => until - clock.now())) ?? batch.length
  }
}

const nameOf = (change: number): string => `change ${change}.`

/** Of keys whose ends are moved all the time. */
const changesOf = (tenant: number, changes: number, at: number): Change[] => {
  const item = (n: number, change: number) => ({
    n,
    uid: 1,
    username: 'root',
    local: true,
    createdAt: at,
    generation: 1,
    name: nameOf(change),
    expires: at + change,
  })
  const of = (nth: number, change: number) => {
    const n = 1000 + (nth % KEYS)
    return { ref: { tenant, n }, before: item(n, change - 1), after: item(n, change), at }
  }
  return Array.from({ length: changes }, (_, change) => {
    const { ref: listed, ...told } = of(Math.floor(change / IN_A_ROW), change)
    const { ref: checked, ...seen } = of(change, change)
    return [
      { key: itemKey.key(listed), ...told },
      { key: itemKey.check(checked), ...seen },
    ]
  }).flat()
}

const revokedRecord = (ref: { tenant: number; n: number }, at: number): Change => {
  const before = { n: ref.n, uid: 1, generation: 1 }
  return { key: itemKey.check(ref), before, after: { ...before, revoked: { at } }, at }
}
