/** All boxes of a fleet lose their sockets at one moment, and come back at once, to a table that is slow that day. */
import { createKey } from '../acts/keys.ts'
import { logIn } from '../acts/logins.ts'
import { inBatches } from '../acts/many.ts'
import { must, newTenant } from '../acts/tenants.ts'
import { type Client, openSocket } from '../client.ts'
import type { Violation } from '../judge/judge.ts'
import type { Scenario } from './scenario.ts'

const KEYS = 10

/** @param slow whether it takes too long for the tests. */
const scenario = (name: string, boxCount: number, processes: number, slow: boolean): Scenario => ({
  ...(slow && { slow }),
  name,
  shows: 'A fleet that comes back at once is let in, and leaves nothing behind when it has gone',
  setup: { processes },
  run: async (world) => {
    const { weather, random } = world
    const tenant = await newTenant(world, 'amber')
    const keys = await inBatches(KEYS, async (n) =>
      must(await createKey(world, tenant.root, { name: `box ${n}`, username: 'root' })),
    )
    const before = await world.itemsOfSockets()
    let refused = 0
    const come = async (n: number, round: string): Promise<Client> => {
      const box = await openSocket(world, `${round}-${n}`, { tenant: 'amber', version: 'v26.0.0' })
      if ((await logIn(world, box, must(keys[n % KEYS] ?? null))) === null) refused++
      return box
    }
    const boxes = await inBatches(boxCount, (n) => come(n, 'box'))
    weather.set({ faults: 0, kinds: [], stubborn: 0, slow: random.between(0.4, 0.6) })
    const drops = boxes.map((box) => box.drop())
    const back = await Promise.all(boxes.map((_, n) => come(n, 'back')))
    await Promise.all(drops)
    await Promise.all(back.map((box) => box.drop()))
    world.calm()
    const left = (await world.itemsOfSockets()) - before
    const violations: Violation[] = []
    const found = (text: string) => violations.push({ promise: 'succeeds', text, ops: [] })
    world.history.note(`${refused} of ${2 * boxCount} boxes were refused`)
    if (refused > 0) found(`${refused} of ${2 * boxCount} boxes were refused`)
    if (left > 0) found(`${left} items of sockets were left behind`)
    return { tenants: [tenant], violations }
  },
})

/** As many for one process as two thousand are for seven. */
export const reconnects = scenario('reconnects', 300, 1, false)
export const reconnects2000 = scenario('reconnects-2000', 2000, 7, true)
