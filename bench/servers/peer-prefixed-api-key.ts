/** prefixed-api-key, its hashes in SQLite: one row read by the short token, compared with the long one. */
import Database from 'better-sqlite3'
import { Hono } from 'hono'
import { checkAPIKey, extractShortToken, generateAPIKey } from 'prefixed-api-key'
import { answerQuestions } from './parts/answering.ts'
import { listenHttp } from './parts/listen-http.ts'

answerQuestions({
  start: async ({ keys }: { keys: number }) => {
    const database = new Database(':memory:')
    database.exec('CREATE TABLE keys (short TEXT PRIMARY KEY, hash TEXT, owner TEXT)')
    const add = database.prepare('INSERT INTO keys VALUES (?, ?, ?)')
    const find = database.prepare<[string], { hash: string; owner: string }>(
      'SELECT hash, owner FROM keys WHERE short = ?',
    )
    const tokens: string[] = []
    while (tokens.length < keys) {
      const { shortToken, longTokenHash, token } = await generateAPIKey({ keyPrefix: 'bench' })
      if (token === undefined) throw new Error('no key was made')
      add.run(shortToken, longTokenHash, 'admin')
      tokens.push(token)
    }
    const app = new Hono()
    app.post('/verify', async (c) => {
      const { key } = await c.req.json()
      const row = find.get(extractShortToken(key))
      const active = row !== undefined && checkAPIKey(key, row.hash)
      return c.json(active ? { active, sub: row.owner } : { active: false })
    })
    return { ...(await listenHttp(app.fetch)), tokens }
  },
})
