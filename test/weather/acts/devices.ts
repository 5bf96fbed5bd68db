/** Enrolment: by the authority of who invited. */
import type { Client } from '../client.ts'
import type { Secret, Session } from '../history.ts'
import type { World } from '../world.ts'
import { born } from './keys.ts'
import { okOf } from './logins.ts'

export type Invitation = { readonly token: string; readonly by: Session | null }

export const inviteDevice = async (client: Client): Promise<Invitation | null> => {
  const by = client.session()
  const made = okOf(await client.call('device.invite', {})) as { token: string } | null
  return made && { token: made.token, by }
}

export const enrollDevice = async (
  world: World,
  client: Client,
  { token, by }: Invitation,
  name: string,
): Promise<Secret | null> => {
  const op = await client.callBy(by, 'device.enroll', { token, name })
  return born(world, client, op, okOf(op) as Parameters<typeof born>[3])
}
