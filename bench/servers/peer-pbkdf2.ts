/** As TrueNAS checks a key of its own: PBKDF2-SHA512 with 500 000 rounds, compared in constant time. In
 * OpenSSL, in libuv's threads. */
import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Hono } from 'hono'
import { answerQuestions } from './parts/answering.ts'
import { listenHttp } from './parts/listen-http.ts'

const ROUNDS = 500_000

const stretch = promisify(pbkdf2)
const hashOf = (secret: string, salt: Buffer): Promise<Buffer> =>
  stretch(secret, salt, ROUNDS, 64, 'sha512')

answerQuestions({
  start: async ({ keys }: { keys: number }) => {
    const kept = new Map<string, { salt: Buffer; hash: Buffer }>()
    const tokens: string[] = []
    for (let id = 1; id <= keys; id++) {
      const secret = randomBytes(48).toString('base64url')
      const salt = randomBytes(16)
      kept.set(String(id), { salt, hash: await hashOf(secret, salt) })
      tokens.push(`${id}-${secret}`)
    }
    const app = new Hono()
    app.post('/verify', async (c) => {
      const { key } = await c.req.json()
      const dash = key.indexOf('-')
      const row = kept.get(key.slice(0, dash))
      const active =
        row !== undefined && timingSafeEqual(row.hash, await hashOf(key.slice(dash + 1), row.salt))
      return c.json({ active })
    })
    return { ...(await listenHttp(app.fetch)), tokens }
  },
})
