/** Keys of one user are made and reset, and devices enrol, at more than 200 a second, while that user changes. */
import { enrollDevice, inviteDevice } from '../acts/devices.ts'
import { createKey, resetKey, rolesOf } from '../acts/keys.ts'
import { inBatches, signInOften } from '../acts/many.ts'
import { must, newPerson, newTenant } from '../acts/tenants.ts'
import { deleteUser, demoteUser, lockUser } from '../acts/users.ts'
import { BREEZE, CALM } from '../aws/sky.ts'
import type { Op } from '../history.ts'
import type { Violation } from '../judge/judge.ts'
import type { World } from '../world.ts'
import type { Scenario } from './scenario.ts'

const A_SECOND = 250
/** Few enough that a change of their owner is through with them while others are made. */
const CREATES = 40
const RESETS = 12
const ENROLMENTS = 40
/** The gate is left by then. */
const OVER_MS = 150_000

export const oneOwner: Scenario = {
  name: 'one-owner',
  shows: 'Keys of one owner don’t meet, and what the owner loses meanwhile none of them keeps',
  // What has been busy for a while isn't on four partitions any more.
  setup: { partitions: null },
  run: async (world) => {
    const { clock, conflicts, random, weather, facts } = world
    const tenant = await newTenant(world, 'amber')
    const worker = await newPerson(world, tenant, 'worker', ['FULL_ADMIN'])
    const { username } = worker
    const keys = await inBatches(RESETS, (n) =>
      createKey(world, tenant.root, { name: `amber ${n}`, username }).then(must),
    )
    const invitations = await inBatches(ENROLMENTS, () => inviteDevice(tenant.root).then(must))
    const sockets = await signInOften(world, tenant.key)
    const owner = await tenant.socket('owner')
    await clock.sleep(2000)
    conflicts.length = 0
    const sky = random.pick([CALM, BREEZE])
    weather.set(sky)
    const socket = () => random.pick(sockets)
    const acts = random.shuffled([
      ...keys.map(
        ({ id }) =>
          () =>
            resetKey(world, socket(), id),
      ),
      ...invitations.map((one, n) => () => enrollDevice(world, socket(), one, `amber nas ${n}`)),
      ...Array.from(
        { length: CREATES },
        (_, n) => () => createKey(world, socket(), { name: `amber new ${n}`, username }),
      ),
    ])
    const done = acts.map(async (act, n) => {
      await clock.sleep((n * 1000) / A_SECOND)
      await act()
    })
    await clock.sleep(random.between(0, (acts.length * 1000) / A_SECOND))
    const ends = {
      lock: () => lockUser(world, owner, worker),
      deletion: () => deleteUser(world, owner, worker),
      demotion: () => demoteUser(world, owner, worker, ['READONLY_ADMIN'], []),
    }
    const how = random.pick(Object.keys(ends) as (keyof typeof ends)[])
    const end = await ends[how]()
    await Promise.all(done)
    const violations = meetings(world)
    if (sky === CALM) violations.push(...failures(world, how === 'deletion'))
    if (how !== 'demotion' || end.outcome?.kind !== 'ok') return { tenants: [tenant], violations }
    world.calm()
    for (let waited = 0; waited < OVER_MS; waited += OVER_MS / 3) {
      await clock.sleep(OVER_MS / 3)
      await random.pick(world.processes).sweep()
    }
    for (const secret of facts.secrets.filter((one) => one.username === username)) {
      const roles = await rolesOf(world, 'device', tenant.key, secret)
      if (roles === 'FULL_ADMIN')
        violations.push({
          promise: 'dead-passes',
          text: `${secret.label} has the roles that #${end.n} took from its owner`,
          ops: [secret.born, end],
        })
    }
    return { tenants: [tenant], violations }
  },
}

// ---------------------------------------------------------------------------------------------

const ISSUES = /^api_key\.(create|update)$|^device\.enroll$/

/** A key's change may meet that of its owner on the key's own items, and nothing anywhere else. */
const meetings = ({ conflicts }: World): Violation[] =>
  conflicts.flatMap(({ op, items }): Violation[] => {
    const shared = items.filter((item) => !/#K#\d+ CHECK$|KEY#\d+$/.test(item))
    if (op === null || !ISSUES.test(op.method) || shared.length === 0) return []
    return [{ promise: 'no-conflict', text: `#${op.n} ${op.method} met on ${shared}`, ops: [op] }]
  })

/** In calm weather all is done, but for what the owner isn't there for any more. */
const failures = ({ history }: World, isOwnerGone: boolean): Violation[] => {
  const mayFail = ({ method }: Op): boolean => isOwnerGone && method !== 'device.enroll'
  return history.ops
    .filter((op) => ISSUES.test(op.method) && op.outcome?.kind !== 'ok' && !mayFail(op))
    .map((op) => ({ promise: 'succeeds', text: `#${op.n} ${op.method} failed`, ops: [op] }))
}
