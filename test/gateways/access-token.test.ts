/** `examples/access-token.ts`: how long it keeps a token, and when it asks for another. */
import { createServer } from 'node:http'
import { expect, it, onTestFinished, vi } from 'vitest'
import { accessTokens } from '../../examples/access-token.ts'
import { open } from './toy.ts'

const KEY = '1000000001-Secret'

/** Grants tokens named by number, for five minutes. */
const start = async () => {
  const said: { status: number; requests: string[] } = { status: 200, requests: [] }
  const port = await open(
    createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      const [, given = ''] = request.headers.authorization?.split(' ') ?? []
      said.requests.push(`${request.url} ${Buffer.from(given, 'base64')} ${body}`)
      response.writeHead(said.status)
      const access_token = `token ${said.requests.length}`
      response.end(JSON.stringify({ access_token, token_type: 'Bearer', expires_in: 300 }))
    }),
  )
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  return { said, tokens: accessTokens({ url: `http://127.0.0.1:${port}`, key: KEY }) }
}

it('proves itself by the key, as an OAuth client does', async () => {
  const { said, tokens } = await start()
  expect(await tokens()).toBe('token 1')
  expect(said.requests).toEqual(['/oauth2/token 1000000001:Secret grant_type=client_credentials'])
})

it('asks once, however many want a token', async () => {
  const { said, tokens } = await start()
  expect(new Set(await Promise.all([tokens(), tokens(), tokens()]))).toEqual(new Set(['token 1']))
  expect(await tokens()).toBe('token 1')
  expect(said.requests).toHaveLength(1)
})

it('takes a new token half a minute before the old one ends', async () => {
  const { tokens } = await start()
  await tokens()
  vi.advanceTimersByTime(269_999)
  expect(await tokens()).toBe('token 1')
  vi.advanceTimersByTime(1)
  expect(await tokens()).toBe('token 2')
})

it('remembers no failure', async () => {
  const { said, tokens } = await start()
  said.status = 503
  await expect(tokens()).rejects.toThrow('Keyharbor answered 503')
  said.status = 200
  expect(await tokens()).toBe('token 2')
})
