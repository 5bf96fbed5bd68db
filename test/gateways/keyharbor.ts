/** The running service that gateways ask, with a tenant's administrator and people of few rights. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, http } from '../../local/client.ts'
import { startProcess } from '../../tools/programs/service.ts'

export type Keyharbor = Awaited<ReturnType<typeof startKeyharbor>>

export type Issued = { readonly id: number; readonly key: string }

export const startKeyharbor = async () => {
  const data = await mkdtemp(join(tmpdir(), 'keyharbor-gateways-'))
  const running = await startProcess(data)
  const { https, wss, ca, apiKey, device, operatorToken } = running.bootstrap
  const cert = readFileSync(ca, 'utf8')
  const admin = await connect(wss, { ca: cert })
  await admin.call('auth.login_with_api_key', apiKey)
  await admin.call('user.create', {
    username: 'reader',
    full_name: 'Reads',
    roles: ['READONLY_ADMIN'],
  })
  let names = 0
  const create = (username: string): Promise<Issued> =>
    admin.call('api_key.create', { name: `${username} ${++names}`, username })

  return {
    port: Number(new URL(https).port),
    /** Path of the certificate to trust. */
    ca,
    /** What the service proves itself by; what stands in for it needs the same. */
    tls: { cert, key: readFileSync(join(data, 'tls-key.pem'), 'utf8') },
    /** The gateway's own key. */
    key: device.apiKey,
    create,
    revoke: ({ id }: Issued) => admin.call('api_key.revoke', id),
    reason: async ({ id }: Issued): Promise<string | null> => {
      const entry = await admin.call<{ revoked_reason: string | null }>('api_key.get_instance', id)
      return entry.revoked_reason
    },
    /** A good key of another tenant's administrator. */
    async createElsewhere(slug: string): Promise<Issued> {
      const options = { ca: cert, method: 'POST', bearer: operatorToken, body: { slug } }
      const reply = await http(`${https}/v1/tenants`, options)
      const { password } = (reply.json() as { admin: { password: string } }).admin
      const rpc = await connect(wss, { ca: cert })
      const login = { mechanism: 'PASSWORD_PLAIN', username: `admin@${slug}`, password }
      await rpc.call('auth.login_ex', login)
      const made = await rpc.call<Issued>('api_key.create', { name: 'theirs', username: 'admin' })
      rpc.close()
      return made
    },
    async stop(): Promise<void> {
      admin.close()
      await running.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
}
