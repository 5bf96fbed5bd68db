/** Tenants of their own for browser tests, and what they do beside the browser: over the API. */
import { readFileSync } from 'node:fs'
import { inject } from 'vitest'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { connect, http, type Rpc } from '../../local/client.ts'

export type Entry = { readonly id: number; readonly name: string; readonly key: string }

export type Tenant = Awaited<ReturnType<typeof newTenant>>

/** The service of the run. Only where there is a browser. */
export const theService = (): Bootstrap => {
  const service = inject('service')
  if (service === null) throw new Error('there is no service without a browser')
  return service
}

let slugs = 0

/** A tenant, and a socket on which its administrator is logged in. */
export const newTenant = async (service: Bootstrap = theService()) => {
  const slug = `b${process.pid}-${++slugs}`
  const ca = readFileSync(service.ca, 'utf8')
  const reply = await http(`${service.https}/v1/tenants`, {
    ca,
    method: 'POST',
    bearer: service.operatorToken,
    body: { slug },
  })
  const { admin } = reply.json() as { admin: { password: string } }
  const { password } = admin
  const sockets: Rpc[] = []
  const open = async (): Promise<Rpc> => {
    const rpc = await connect(service.wss, { ca })
    sockets.push(rpc)
    return rpc
  }
  const rpc = await open()
  await rpc.call('auth.login_ex', {
    mechanism: 'PASSWORD_PLAIN',
    username: `admin@${slug}`,
    password,
  })

  return {
    slug,
    password,
    rpc,
    /** How a login over the API ends. */
    async login(credentials: Record<string, string>): Promise<string> {
      const other = await open()
      const answer = await other.call<{ response_type: string }>('auth.login_ex', credentials)
      return answer.response_type
    },
    /** Whether a key is good. */
    isGood(key: string, username = 'admin'): Promise<boolean> {
      const credentials = { mechanism: 'API_KEY_PLAIN', username, api_key: key }
      return this.login(credentials).then((outcome) => outcome === 'SUCCESS')
    },
    key: (name: string, more: object = {}): Promise<Entry> =>
      rpc.call<Entry>('api_key.create', { name, username: 'admin', ...more }),
    /** A user who signs in by {@link PASSWORD}. */
    user: (username: string, roles: readonly string[] = ['FULL_ADMIN']): Promise<{ id: number }> =>
      rpc.call('user.create', { username, full_name: username, password: PASSWORD, roles }),
    close(): void {
      for (const socket of sockets) socket.close()
    },
  }
}

/** Of the users that tests make. */
export const PASSWORD = 'correct horse battery'
