/** The service as `npm start` runs it, and ids of all kinds that a stranger may ask about. */
import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { join } from 'node:path'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { refOf } from '../../shared/domain/key.ts'
import { startChild } from '../run/child.ts'
import { createPost } from '../run/post.ts'
import { openLine } from '../run/socket.ts'

const SERVICE = join(import.meta.dirname, '../servers/from-source/service.ts')
const MANY = '1000000000'
const PASSWORD = 'timing: a password of the bench'

export const startRig = async (data: string) => {
  const child = startChild(SERVICE, {
    environment: {
      KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: MANY,
      KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: MANY,
      KEYHARBOR_TENANT_CHECKS_PER_MINUTE: MANY,
      KEYHARBOR_TENANT_CALLS_PER_MINUTE: MANY,
    },
  })
  const known = await child.ask<Bootstrap>('start', { data })
  const ca = await readFile(known.ca, 'utf8')
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 1 })
  const post = createPost(known.https, agent)
  const line = () => openLine(known.wss, ca)
  const admin = await line()
  await admin.call('auth.login_with_api_key', known.apiKey)
  const alive = await make(admin, 'alive')
  const revoked = await make(admin, 'revoked')
  await admin.call('api_key.revoke', revoked)
  const deleted = await make(admin, 'deleted')
  await admin.call('api_key.delete', deleted)
  admin.close()
  const body = JSON.stringify({ slug: 'timing', admin: { password: PASSWORD } })
  await post('/v1/tenants', known.operatorToken, body, 'application/json')
  const other = await line()
  await other.call('auth.login', 'admin@timing', PASSWORD)
  const foreign = await make(other, 'foreign')
  other.close()
  const { tenant = 0 } = refOf(alive) ?? {}
  return {
    line,
    introspect: (token: string) =>
      post(
        '/oauth2/introspect',
        known.device.apiKey,
        `token=${token}`,
        'application/x-www-form-urlencoded',
      ),
    ids: {
      'a key': alive,
      'a revoked key': revoked,
      'a deleted key': deleted,
      'no key yet': tenant * 1e9 + 900_000_001,
      'no such tenant': (tenant + 4_000_000) * 1e9 + 1,
      'another tenant’s key': foreign,
    },
    async close(): Promise<void> {
      agent.destroy()
      await child.ask('close')
      await child.stop()
    },
  }
}

export type Rig = Awaited<ReturnType<typeof startRig>>

// ---------------------------------------------------------------------------------------------

const make = async (line: Awaited<ReturnType<typeof openLine>>, name: string): Promise<number> =>
  (
    await line.call<{ id: number }>('api_key.create', {
      name: `timing: ${name}`,
      username: 'admin',
    })
  ).id
