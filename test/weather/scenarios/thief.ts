/**
 * A thief has a key, and keeps as many calls in flight as it may: renaming it, resetting it, logging in with the newest
 * secret wherever a session has ended. The owner revokes it.
 */
import { renameKey, resetKey, revokeKey } from '../acts/keys.ts'
import { logIn, signIn } from '../acts/logins.ts'
import { newPerson, newTenant } from '../acts/tenants.ts'
import { BREEZE } from '../aws/sky.ts'
import type { Client } from '../client.ts'
import type { Secret } from '../history.ts'
import type { Violation } from '../judge/judge.ts'
import type { World } from '../world.ts'
import type { Scenario } from './scenario.ts'

/** Calls of one socket at a time, of the 20 that it may have. */
const EACH = 16
/** The thief goes on for so long after the owner heard that the key is revoked. */
const AFTER_MS = 300
/** A revoke that isn't answered by then is starved: of 40 seeds the slowest took 4.8 s. */
const STARVED_MS = 8000
/** A share of requests that take long by which what was read of the key is old when it is written. */
const SLOW = 0.7

const scenario = (inFlight: number, slows: readonly number[]): Scenario => ({
  ...(inFlight > 100 && { slow: true }),
  name: `thief-${inFlight}`,
  shows: `A key's revoke isn't starved by ${inFlight} calls in flight, and nothing of them lives on`,
  run: async (world) => {
    const { clock, random, weather } = world
    const tenant = await newTenant(world, 'amber')
    const victim = await newPerson(world, tenant, 'victim', ['FULL_ADMIN'])
    const owner = await tenant.socket('owner')
    const sockets = await Promise.all(
      Array.from({ length: Math.ceil(inFlight / EACH) }, (_, n) =>
        signIn(world, `thief-${n}`, victim.key),
      ),
    )
    const loot = { newest: victim.key, until: Infinity }
    weather.set({ ...BREEZE, faults: 0, slow: random.pick(slows) })
    const loops = Array.from({ length: inFlight }, (_, n) =>
      steal(world, sockets[n % sockets.length] as Client, loot),
    )
    await clock.sleep(random.between(20, 150))
    const began = clock.elapsed()
    loot.until = began + STARVED_MS
    const revoked = await revokeKey(world, owner, victim.key.id)
    const ms = clock.elapsed() - began
    loot.until = Math.min(loot.until, clock.elapsed() + AFTER_MS)
    await Promise.all(loops)
    world.history.note(`the revoke took ${ms.toFixed(0)} ms, with ${inFlight} calls in flight`)
    const violations: Violation[] =
      revoked.outcome?.kind === 'ok' && ms < STARVED_MS
        ? []
        : [
            {
              promise: 'succeeds',
              text: `#${revoked.n} did not revoke the key within ${STARVED_MS} ms, but ${ms.toFixed(0)}`,
              ops: [revoked],
            },
          ]
    return { tenants: [tenant], violations }
  },
})

export const thief64 = scenario(64, [BREEZE.slow, SLOW])
export const thief200 = scenario(200, [BREEZE.slow])

// ---------------------------------------------------------------------------------------------

type Loot = { newest: Secret; until: number }

const steal = async (world: World, socket: Client, loot: Loot): Promise<void> => {
  const { clock, random } = world
  const { id } = loot.newest
  while (clock.elapsed() < loot.until) {
    if (random.chance(0.1)) loot.newest = (await resetKey(world, socket, id)) ?? loot.newest
    else {
      const { outcome } = await renameKey(world, socket, id, `amber ${random.below(1e6)}`)
      if (outcome?.kind === 'refused' && ENDED.test(outcome.text))
        await logIn(world, socket, loot.newest)
    }
    await clock.sleep(random.between(0, 20))
  }
}

const ENDED = /Session is expired|Not authenticated/
