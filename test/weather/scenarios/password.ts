/** An administrator's password is changed by another while their calls are in flight. */
import { logInByPassword } from '../acts/logins.ts'
import { must, newPerson, newTenant } from '../acts/tenants.ts'
import { createUser, setPassword } from '../acts/users.ts'
import { BREEZE } from '../aws/sky.ts'
import { openSocket } from '../client.ts'
import type { Scenario } from './scenario.ts'

const OLD = 'battery staple'

export const password: Scenario = {
  name: 'password',
  shows: 'What a session by the old password has in flight ends with it',
  run: async (world) => {
    const { clock, random, weather } = world
    const tenant = await newTenant(world, 'amber')
    const villain = await newPerson(world, tenant, 'villain', ['FULL_ADMIN'], OLD)
    const signIn = async (name: string) => {
      const socket = await openSocket(world, name, { tenant: 'amber' })
      await logInByPassword(world, socket, villain.username, OLD)
      return socket
    }
    const sockets = [await signIn('villain-1'), await signIn('villain-2')]
    sockets.map((socket) => must(socket.session()))
    weather.set(BREEZE)
    const creates = Array.from({ length: 12 }, async (_, n) => {
      await clock.sleep(random.between(0, 60))
      const asked = { username: `amber-accomplice-${n}`, roles: ['FULL_ADMIN'] }
      return createUser(world, random.pick(sockets), asked)
    })
    const late = signIn('villain-late')
    await clock.sleep(random.between(0, 60))
    await setPassword(world, tenant.root, villain.username, 'another horse')
    await Promise.all([...creates, late])
    return { tenants: [tenant] }
  },
}
