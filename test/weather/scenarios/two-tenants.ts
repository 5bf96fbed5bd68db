/** Administrators of two tenants do this and that to keys, by ids that may be the other's, in changing weather. */
import { checkKey, createKey, deleteKey, renameKey, resetKey, revokeKey } from '../acts/keys.ts'
import { logIn } from '../acts/logins.ts'
import { newPerson, newTenant, type Tenant } from '../acts/tenants.ts'
import { createUser } from '../acts/users.ts'
import { FAULTS, type Sky, STORM } from '../aws/sky.ts'
import { type Client, openSocket } from '../client.ts'
import type { World } from '../world.ts'
import type { Scenario } from './scenario.ts'

const ACTS = 14

const scenario = (name: string, shows: string, sky: Sky): Scenario => ({
  name,
  shows,
  run: async (world) => {
    const { clock, random, weather } = world
    const tenants = [await newTenant(world, 'amber'), await newTenant(world, 'birch')]
    const actors: [Tenant, Client, string][] = []
    for (const tenant of tenants) {
      const person = await newPerson(world, tenant, 'person', ['FULL_ADMIN'])
      const socket = await openSocket(world, person.username, { tenant: tenant.slug })
      await logIn(world, socket, person.key)
      actors.push([tenant, socket, person.username])
      actors.push([tenant, await tenant.socket(`${tenant.slug}-other`), 'root'])
    }
    weather.set(sky)
    await Promise.all(
      actors.map(async ([tenant, socket, username]) => {
        for (let n = 0; n < ACTS; n++) {
          await clock.sleep(random.between(0, 40))
          await act(world, tenant, socket, username)
        }
      }),
    )
    return { tenants }
  },
})

/** What goes wrong is known to have done nothing. */
export const twoTenants = scenario('two-tenants', 'Tenants see and touch nothing of each other', {
  faults: 0.04,
  kinds: FAULTS.filter((kind) => kind.startsWith('lost')),
  stubborn: 0.6,
  slow: 0.05,
})
export const storm = scenario('storm', 'In a storm all promises hold', STORM)

// ---------------------------------------------------------------------------------------------

const act = async (
  world: World,
  { slug, key }: Tenant,
  socket: Client,
  username: string,
): Promise<unknown> => {
  const { random, facts } = world
  // Administrators' own keys stay, so that there is somebody to go on.
  const some = random.pick(facts.secrets)
  const others = facts.secrets.filter(({ born }) => !STAYING.test(born.params))
  const other = others.length === 0 ? null : random.pick(others)
  switch (random.below(10)) {
    case 0:
    case 1:
      return createKey(world, socket, { name: `${slug} ${random.below(1e6)}`, username })
    case 2:
      return other && renameKey(world, socket, other.id, `${slug} named ${random.below(1e6)}`)
    case 3:
      return other && resetKey(world, socket, other.id)
    case 4:
      return other && revokeKey(world, socket, other.id)
    case 5:
      return other && deleteKey(world, socket, other.id)
    case 6:
      return checkKey(world, `${slug} device`, key, some)
    case 7:
      return socket.call(random.pick(['api_key.query', 'user.query', 'device.query']))
    case 8:
      return socket.call('api_key.get_instance', some.id)
    default:
      return createUser(world, socket, { username: `${slug}-${random.below(1e6)}`, roles: [] })
  }
}

const STAYING = / root"| key"/
