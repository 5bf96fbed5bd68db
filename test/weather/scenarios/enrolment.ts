/** Devices enrol, and are invited, while who invites them is revoked or locked. */
import { enrollDevice, inviteDevice } from '../acts/devices.ts'
import { revokeKey } from '../acts/keys.ts'
import { signIn } from '../acts/logins.ts'
import { must, newPerson, newTenant } from '../acts/tenants.ts'
import { lockUser } from '../acts/users.ts'
import { BREEZE } from '../aws/sky.ts'
import { openSocket } from '../client.ts'
import type { Scenario } from './scenario.ts'

export const enrolment: Scenario = {
  name: 'enrolment',
  shows:
    'An invitation ends with the authority of who made it, also for a device that is under way',
  run: async (world) => {
    const { clock, random, weather } = world
    const tenant = await newTenant(world, 'amber')
    const host = await newPerson(world, tenant, 'host', ['FULL_ADMIN'])
    const owner = await tenant.socket('owner')
    const inviting = await signIn(world, 'host', host.key)
    const invitations = await Promise.all(
      Array.from({ length: 8 }, () => inviteDevice(inviting).then(must)),
    )
    const device = await openSocket(world, 'device', { tenant: 'amber' })
    weather.set(BREEZE)
    const comings = invitations.map(async (invitation, n) => {
      await clock.sleep(random.between(0, 60))
      await enrollDevice(world, device, invitation, `amber nas ${n}`)
    })
    const more = Array.from({ length: 4 }, async () => {
      await clock.sleep(random.between(0, 60))
      await inviteDevice(inviting)
    })
    await clock.sleep(random.between(0, 60))
    if (random.chance(0.5)) await revokeKey(world, owner, host.key.id)
    else await lockUser(world, owner, host)
    await Promise.all([...comings, ...more])
    return { tenants: [tenant] }
  },
}
