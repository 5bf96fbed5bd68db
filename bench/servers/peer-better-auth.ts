/** better-auth's API-key plugin with SQLite. Its verification is a function for servers, so a route calls
 * it, as its documentation has it. The plugin's rate limit is off: by default it refuses a key for a day
 * after ten checks. */
import { randomBytes } from 'node:crypto'
import { apiKey } from '@better-auth/api-key'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import Database from 'better-sqlite3'
import { Hono } from 'hono'
import { answerQuestions } from './parts/answering.ts'
import { listenHttp } from './parts/listen-http.ts'

type Start = {
  /** Of the database; `:memory:` for none. */
  readonly file: string
  /** Told to SQLite before anything else. */
  readonly pragmas: readonly string[]
  readonly keys: number
}

answerQuestions({
  start: async ({ file, pragmas, keys }: Start) => {
    const database = new Database(file)
    for (const pragma of pragmas) database.pragma(pragma)
    const options = {
      database,
      secret: randomBytes(32).toString('hex'),
      baseURL: 'http://localhost',
      emailAndPassword: { enabled: true },
      telemetry: { enabled: false },
      plugins: [apiKey({ rateLimit: { enabled: false } })],
    }
    await (await getMigrations(options)).runMigrations()
    const auth = betterAuth(options)
    const password = randomBytes(16).toString('hex')
    const { user } = await auth.api.signUpEmail({
      body: { email: 'admin@example.com', password, name: 'Admin' },
    })
    const tokens: string[] = []
    for (let at = 0; at < keys; at++) {
      const body = { name: `bench ${at}`, userId: user.id }
      tokens.push((await auth.api.createApiKey({ body })).key)
    }
    const app = new Hono()
    app.post('/verify', async (c) => {
      const { key } = await c.req.json()
      const { valid, key: found } = await auth.api.verifyApiKey({ body: { key } })
      return c.json({ active: valid, client_id: found?.id, sub: found?.referenceId })
    })
    return { ...(await listenHttp(app.fetch)), tokens }
  },
})
