/** A client that counts what API Gateway would: HTTP requests, and frames to and fro. */
import { connect, http, type Reply } from '../../local/client.ts'

export type Target = {
  /** `https://<host>`. */
  readonly https: string
  /** `wss://<host>/api/current`. */
  readonly wss: string
  readonly operatorToken: string
  /** PEM of the certificate to trust. */
  readonly ca: string
}

export type Driver = ReturnType<typeof createDriver>
export type Client = Awaited<ReturnType<Driver['open']>>

/** Of what is seen, before there is any. */
export const NOTHING = { requests: 0, handshakes: 0, frames: 0 }

export const createDriver = ({ https, wss, operatorToken, ca }: Target) => {
  let wire = { ...NOTHING }
  const post = (path: string, options: object): Promise<Reply> => {
    wire.requests++
    return http(`${https}${path}`, { ca, method: 'POST', ...options })
  }
  return {
    /** What was seen since the last look. */
    take() {
      const seen = wire
      wire = { ...NOTHING }
      return seen
    },
    async open() {
      wire.handshakes++
      const socket = await connect(wss, { ca })
      return {
        call<T = unknown>(method: string, ...params: unknown[]): Promise<T> {
          wire.frames += 2
          return socket.call<T>(method, ...params)
        },
        async close(): Promise<void> {
          socket.close()
          await socket.closed
        },
      }
    },
    /** @returns whether the key is good; null if the asker isn't. */
    async check(asker: string, key: string): Promise<boolean | null> {
      const reply = await post('/oauth2/introspect', { bearer: asker, form: { token: key } })
      return reply.status === 200 ? (reply.json() as { active: boolean }).active : null
    },
    /** @returns how many of the keys are good. */
    async checkMany(asker: string, keys: readonly string[]): Promise<number> {
      const reply = await post('/v1/introspect', { bearer: asker, body: { tokens: keys } })
      if (reply.status !== 200) throw new Error(`no answers: ${reply.status}`)
      const { results } = reply.json() as { results: { active: boolean }[] }
      return results.filter(({ active }) => active).length
    },
    /** @returns an access token, or null as long as the service has nothing to sign it with. */
    async accessToken(key: string): Promise<string | null> {
      const [client_id = '', client_secret = ''] = key.split('-')
      const form = { grant_type: 'client_credentials', client_id, client_secret }
      const reply = await post('/oauth2/token', { form })
      if (reply.status === 503) return null
      if (reply.status !== 200) throw new Error(`no access token: ${reply.status}`)
      return (reply.json() as { access_token: string }).access_token
    },
    /** @returns the password of its administrator, `admin`. */
    async addTenant(slug: string): Promise<string> {
      const reply = await post('/v1/tenants', { bearer: operatorToken, body: { slug } })
      if (reply.status !== 201) throw new Error(`no tenant: ${reply.status}`)
      return (reply.json() as { admin: { password: string } }).admin.password
    },
  }
}
