/** Floor: what a route costs that does nothing, and one that does the least that a check could. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { answerQuestions } from './parts/answering.ts'
import { listenHttp } from './parts/listen-http.ts'

const key = randomBytes(32)
const hashOf = (secret: string): Buffer => createHmac('sha256', key).update(secret).digest()
const kept = new Map<string, Buffer>()

const app = new Hono()
app.get('/nothing', (c) => c.text('ok'))
app.post('/check', (c) => {
  const [, id = '', secret = ''] =
    /^Bearer ([^-]+)-(.*)$/.exec(c.req.header('authorization') ?? '') ?? []
  const hash = kept.get(id)
  const active = hash !== undefined && timingSafeEqual(hash, hashOf(secret))
  return c.json({ active })
})

answerQuestions({
  start: ({ keys }: { keys: string[] }) => {
    for (const raw of keys) {
      const dash = raw.indexOf('-')
      kept.set(raw.slice(0, dash), hashOf(raw.slice(dash + 1)))
    }
    return listenHttp(app.fetch)
  },
})
