/** (e) What checks ask of AWS, counted on the wire: one after the other, as Lambda gives a process its
 * events, with the limit that a deployment sets a tenant. */
import type { Cloud } from './rig/cloud.ts'
import type { Tenant } from './rig/tenant.ts'
import { bundleOf } from './run/build.ts'
import { startChild } from './run/child.ts'
import { type Units, unitsOf } from './scale/units.ts'
import type { ProcessRequest } from './servers/our-process.ts'
import { type Post, type Proof, prove } from './subjects/callers.ts'
import { BATCH, ONE } from './subjects/checks.ts'

/** For a million checks; counted for fewer, and scaled. */
export type Cost = {
  readonly what: string
  /** How many checks were counted. */
  readonly counted: number
  /** How they were answered, and how often. */
  readonly answers: Readonly<Record<string, number>>
  readonly units: Units
}

/** @param times how many checks are counted of each kind. */
export const countCosts = async (
  cloud: Cloud,
  tenant: Tenant,
  times: number,
  say: (line: string) => void,
): Promise<Cost[]> => {
  const costs: Cost[] = []
  for (const [at, kind] of KINDS.entries()) {
    const cost = await countOne(cloud, tenant, kind, times, `cost${at}`)
    say(cost === null ? `skipped ${kind.what}: no such route` : `counted ${kind.what}`)
    if (cost !== null) costs.push(cost)
  }
  return costs
}

// ---------------------------------------------------------------------------------------------

type Kind = {
  readonly what: string
  readonly proof: Proof
  readonly requests: (tenant: Tenant, authorization: string) => ProcessRequest[]
  readonly items: number
}
type Reply = { readonly statusCode: number; readonly body: string }

/** One by one, about other tokens than those that are good. */
const singly =
  (tokens: (tenant: Tenant) => readonly string[]): Kind['requests'] =>
  (tenant, authorization) =>
    ONE.requests({ ...tenant, keys: tokens(tenant) }, authorization)

/** A key whose checksum is wrong. */
const mistyped = (key: string): string => `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`

const single = (
  what: string,
  proof: Proof,
  tokens: (tenant: Tenant) => readonly string[],
): Kind => ({
  what: `${what}, asked by ${proof}`,
  proof,
  requests: singly(tokens),
  items: 1,
})

const KINDS: readonly Kind[] = [
  ...(['key', 'access token'] as const).flatMap((proof): Kind[] => [
    single('a good key', proof, ({ keys }) => keys),
    single('a key that isn’t there', proof, ({ unknown }) => [unknown]),
    single('a mistyped key', proof, ({ keys }) => keys.map(mistyped)),
    {
      what: `good keys, a hundred at once, asked by ${proof}`,
      proof,
      requests: BATCH.requests,
      items: 100,
    },
  ]),
  {
    what: 'whatever, asked by a mistyped key',
    proof: 'key',
    requests: (tenant) => singly(({ keys }) => keys)(tenant, `Bearer ${mistyped(tenant.device)}`),
    items: 1,
  },
]

const countOne = async (
  cloud: Cloud,
  tenant: Tenant,
  { what, proof, requests, items }: Kind,
  times: number,
  name: string,
): Promise<Cost | null> => {
  // The limit of a tenant is a deployment's, for it costs writes. That of a caller isn't: this one asks for all keys.
  const { KEYHARBOR_TENANT_CHECKS_PER_MINUTE: _, ...environment } = cloud.environment(
    name,
    cloud.countedUrl,
  )
  const child = startChild(bundleOf('our-process'), { environment })
  try {
    await child.ask('start', { reads: 'dynamodb', layer: 'handler', atOnce: 1 })
    const ask = (wanted: readonly ProcessRequest[]) => child.ask<Reply[]>('ask', wanted)
    const post: Post = async (path, headers, body) => {
      const [reply] = await ask([{ path, headers, body }])
      return { status: reply?.statusCode ?? 0, body: reply?.body ?? '' }
    }
    const authorization = await prove(proof, tenant.device, post)
    if (authorization === null) return null
    // The first check of a process unwraps the tenant's data key: from then on it is in memory.
    await ask(singly(({ keys }) => keys.slice(0, 1))(tenant, authorization))
    const wanted = requests(tenant, authorization)
    const [first] = await ask(wanted.slice(0, 1))
    if (first?.statusCode === 404) return null
    await child.ask('use', wanted)
    const before = await cloud.counts()
    const answers = await child.ask<Record<string, number>>('times', times / items)
    const units = unitsOf(name, before, await cloud.counts())
    // What is refused costs nothing, and would be counted.
    if (Object.keys(answers).some((answer) => answer.startsWith('429')))
      throw new Error(`${what}: limited, ${JSON.stringify(answers)}`)
    const scaled = (total: number): number => Math.round((total / times) * 1e6)
    return {
      what,
      counted: times,
      answers,
      units: {
        calls: scaled(units.calls),
        reads: scaled(units.reads),
        writes: scaled(units.writes),
        kms: scaled(units.kms),
      },
    }
  } finally {
    await child.stop()
  }
}
