/** `examples/access-token.ts`: how long it keeps a token, and when it asks for another; alone, and with the
 * middleware beside it. */
import { createServer, type IncomingMessage } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { accessTokens } from '../../examples/access-token.ts'
import { type Asks, bare, startHono, startNode } from './services.ts'
import { open, tlsOfAnother } from './toy.ts'

const KEY = '1000000001-Secret'

/** In Keyharbor's place: grants tokens named by number, for five minutes, and finds the key `good` good. */
const start = async () => {
  const said = { status: 200, grants: [] as string[], checks: 0, refuses: (_: string) => false }
  const grant = (by: string, body: string) => {
    const [, given = ''] = by.split(' ')
    said.grants.push(`${Buffer.from(given, 'base64')} ${body}`)
    const access_token = `token ${said.grants.length}`
    return { status: said.status, answer: { access_token, token_type: 'Bearer', expires_in: 300 } }
  }
  const check = (by: string, body: string) => {
    said.checks++
    const status = said.refuses(by.replace('Bearer ', '')) ? 401 : 200
    const active = new URLSearchParams(body).get('token') === 'good'
    return { status, answer: { active, username: 'a', client_id: '1', scope: 'READONLY_ADMIN' } }
  }
  const port = await open(
    createServer(async (request: IncomingMessage, response) => {
      let body = ''
      for await (const part of request) body += part
      const route = request.url === '/oauth2/token' ? grant : check
      const { status, answer } = route(request.headers.authorization ?? '', body)
      response.writeHead(status).end(JSON.stringify(answer))
    }),
  )
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const url = `http://127.0.0.1:${port}`
  return { said, url, tokens: accessTokens({ url, key: KEY }) }
}

it('proves itself by the key, as an OAuth client does', async () => {
  const { said, tokens } = await start()
  expect(await tokens()).toBe('token 1')
  expect(said.grants).toEqual(['1000000001:Secret grant_type=client_credentials'])
})

it('asks once, however many want a token', async () => {
  const { said, tokens } = await start()
  expect(new Set(await Promise.all([tokens(), tokens(), tokens()]))).toEqual(new Set(['token 1']))
  expect(await tokens()).toBe('token 1')
  expect(said.grants).toHaveLength(1)
})

it('takes a new token half a minute before the old one ends', async () => {
  const { tokens } = await start()
  await tokens()
  vi.advanceTimersByTime(269_999)
  expect(await tokens()).toBe('token 1')
  vi.advanceTimersByTime(1)
  expect(await tokens()).toBe('token 2')
})

it('goes on with the token it has, until that ends, when there is no new one to be had', async () => {
  const { said, tokens } = await start()
  await tokens()
  said.status = 429
  vi.advanceTimersByTime(299_000)
  expect(await tokens()).toBe('token 1')
  vi.advanceTimersByTime(1_000)
  await expect(tokens()).rejects.toThrow('429')
  said.status = 200
  expect(await tokens()).toBe('token 4')
})

it('drops a token that was refused, once for all whose token it was', async () => {
  const { said, tokens } = await start()
  const refused = await tokens()
  expect(await Promise.all([tokens(refused), tokens(refused), tokens(refused)])).toEqual(
    Array(3).fill('token 2'),
  )
  // Somebody hears late that the first was refused: that says nothing of the second.
  expect(await tokens(refused)).toBe('token 2')
  expect(said.grants).toHaveLength(2)
})

describe.each([
  ['hono', (asks: Asks) => startHono(asks)],
  ['node:http', async (asks: Asks) => startNode(bare, asks, await tlsOfAnother())],
])('the middleware for %s, with a token', (_, serve) => {
  it('that is refused before its time asks once more, with a new one', async () => {
    const { said, url, tokens } = await start()
    const { ask, counted } = await serve({ url, credential: tokens })
    expect((await ask({ key: 'good' })).status).toBe(200)
    said.refuses = (token) => token === 'token 1'
    const replies = await Promise.all([ask({ key: 'good' }), ask({ key: 'good' })])
    expect(replies.map(({ status }) => status)).toEqual([200, 200])
    expect((await ask({ key: 'bad' })).status).toBe(401)
    expect(said.grants).toHaveLength(2)
    expect(counted.requests).toBe(3)
  })

  it('that is always refused gives up after the second, and lets nobody through', async () => {
    const { said, url, tokens } = await start()
    said.refuses = () => true
    const { ask, counted } = await serve({ url, credential: tokens })
    expect((await ask({ key: 'good' })).status).toBe(503)
    expect({ grants: said.grants.length, checks: said.checks }).toEqual({ grants: 2, checks: 2 })
    expect(counted.requests).toBe(0)
  })

  it('that is a key and refused isn’t asked with again', async () => {
    const { said, url } = await start()
    said.refuses = (key) => key === KEY
    const { ask } = await serve({ url, credential: () => KEY })
    expect((await ask({ key: 'good' })).status).toBe(503)
    expect({ grants: said.grants.length, checks: said.checks }).toEqual({ grants: 0, checks: 1 })
  })
})

it('remembers no failure', async () => {
  const { said, tokens } = await start()
  said.status = 503
  await expect(tokens()).rejects.toThrow('Keyharbor answered 503')
  said.status = 200
  expect(await tokens()).toBe('token 2')
})
