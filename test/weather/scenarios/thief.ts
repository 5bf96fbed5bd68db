/**
 * A thief has a key, and keeps as many calls in flight as it may: renaming it, resetting it, logging in with each
 * new secret. The owner revokes it.
 */
import { renameKey, resetKey, revokeKey } from '../acts/keys.ts'
import { logIn, signIn } from '../acts/logins.ts'
import { newPerson, newTenant } from '../acts/tenants.ts'
import { BREEZE } from '../aws/sky.ts'
import type { Client } from '../client.ts'
import type { Violation } from '../judge/judge.ts'
import type { World } from '../world.ts'
import type { Scenario } from './scenario.ts'

/** Calls of one socket at a time, of the 20 that it may have. */
const EACH = 16
/** The thief goes on for so long after the owner heard that the key is revoked. */
const AFTER_MS = 300

const scenario = (inFlight: number): Scenario => ({
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
    const until = { is: Infinity }
    weather.set({ ...BREEZE, faults: 0 })
    const loops = Array.from({ length: inFlight }, (_, n) =>
      steal(world, sockets[n % sockets.length] as Client, victim.key.id, until),
    )
    await clock.sleep(random.between(20, 150))
    const revoked = await revokeKey(world, owner, victim.key.id)
    until.is = clock.elapsed() + AFTER_MS
    await Promise.all(loops)
    const violations: Violation[] =
      revoked.outcome?.kind === 'ok'
        ? []
        : [{ promise: 'succeeds', text: `#${revoked.n} did not revoke the key`, ops: [revoked] }]
    return { tenants: [tenant], violations }
  },
})

export const thief64 = scenario(64)
export const thief200 = scenario(200)

// ---------------------------------------------------------------------------------------------

const steal = async (
  world: World,
  socket: Client,
  id: number,
  until: { readonly is: number },
): Promise<void> => {
  const { clock, random } = world
  for (let calls = 0; clock.elapsed() < until.is && calls < 40; calls++) {
    if (random.chance(0.5)) {
      const secret = await resetKey(world, socket, id)
      if (secret !== null) await logIn(world, socket, secret)
    } else await renameKey(world, socket, id, `amber ${random.below(1e6)}`)
    await clock.sleep(random.between(0, 20))
  }
}
