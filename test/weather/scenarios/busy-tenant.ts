/** One administrator's key changes many keys of a tenant as fast as its partitions carry, and none meets another. */
import { createKey, expireKey, renameKey, revokeKey } from '../acts/keys.ts'
import { inBatches, signInOften } from '../acts/many.ts'
import { must, newTenant } from '../acts/tenants.ts'
import type { Client } from '../client.ts'
import type { Op } from '../history.ts'
import type { Violation } from '../judge/judge.ts'
import type { World } from '../world.ts'
import type { Scenario } from './scenario.ts'

/** A change writes 2 units each of the tenant's partition, of its audit's and of its sessions'; a rename 6 of the
 * tenant's. Each gives 1000 a second. */
const CHANGES_A_SECOND = 500
const BESIDE_RENAMES_A_SECOND = 200
const RENAMES_A_SECOND = 100
const SECONDS = 2
/** None has its turn again within half a second. */
const KEYS = 250
/** Until partitions have a second's units again. */
const REST_MS = 2000

export const busyTenant: Scenario = {
  name: 'busy-tenant',
  shows:
    '500 changes of different keys a second, or 200 and 100 renames, by one key, meet no conflict of our making',
  // What has been busy for a while isn't on four partitions any more.
  setup: { partitions: null },
  run: async (world) => {
    const tenant = await newTenant(world, 'amber')
    const ids = await inBatches(KEYS, async (n) => {
      const asked = { name: `amber ${n}`, username: 'root' }
      return must(await createKey(world, tenant.root, asked)).id
    })
    const sockets = await signInOften(world, tenant.key)
    const socket = (n: number): Client => sockets[n % sockets.length] ?? tenant.root
    const id = (n: number): number => must(ids[n % KEYS] ?? null)
    const total = CHANGES_A_SECOND * SECONDS
    const expire = (n: number) => expireKey(world, socket(n), id(n), FIRST_END - n * 1000)
    const rename = (n: number) => renameKey(world, socket(n), id(n), `amber renamed ${n}`)
    const violations = [
      ...(await during(world, 'changes and renames', [
        [BESIDE_RENAMES_A_SECOND, (n) => expire(n)],
        // Keys whose turn is the farthest away.
        [RENAMES_A_SECOND, (n) => rename(2 * n + KEYS / 2)],
      ])),
      ...(await during(world, 'changes', [
        [
          CHANGES_A_SECOND,
          (n) => (n < total - KEYS ? expire(total + n) : revokeKey(world, socket(n), id(n))),
        ],
      ])),
    ]
    return { tenants: [], violations }
  },
}

// ---------------------------------------------------------------------------------------------

/** Each change ends a key's life sooner than the one before: a longer one would ask for its owner. */
const FIRST_END = Date.UTC(2028, 0, 1)

type Stream = readonly [aSecond: number, act: (n: number) => Promise<Op>]

/** Sends streams of calls beside each other. @returns what was refused, and what met something. */
const during = async (
  world: World,
  what: string,
  streams: readonly Stream[],
): Promise<Violation[]> => {
  const { clock, conflicts, meter } = world
  await clock.sleep(REST_MS)
  conflicts.length = 0
  meter.reset()
  const calls = streams.flatMap(([aSecond, act]) =>
    Array.from({ length: aSecond * SECONDS }, async (_, n) => {
      await clock.sleep((n * 1000) / aSecond)
      return act(n)
    }),
  )
  const ops = await Promise.all(calls)
  const { units, pk } = meter.peak('write')
  world.history.note(
    `${what}: ${ops.length} in ${SECONDS} s, at most ${units} write units a second, of ${pk}`,
  )
  const refused = ops.filter(({ outcome }) => outcome?.kind !== 'ok')
  const [first] = conflicts
  return [
    ...refused.map(
      (op): Violation => ({
        promise: 'succeeds',
        text: `#${op.n} ${op.method} was refused among ${what}`,
        ops: [op],
      }),
    ),
    ...(first === undefined
      ? []
      : [
          {
            promise: 'no-conflict' as const,
            text: `${conflicts.length} conflicts among ${what}, the first of them on ${first.items}`,
            ops: first.op === null ? [] : [first.op],
          },
        ]),
  ]
}
