import { describe, expect, test } from 'vitest'
import { createViewers, EDGE_HEADERS } from '../../functions/events/viewer.ts'
import { parseEnv } from '../../shared/env.ts'

const SECRET = 'e'.repeat(48)
const ask = (env: Record<string, string>, headers: Record<string, string>) =>
  createViewers(parseEnv(env))({ header: (name) => headers[name], sourceIp: '192.0.2.1' })

describe('without an edge', () => {
  test('API Gateway says who calls, and nobody else', () => {
    const headers = {
      host: 'abc.execute-api.us-east-1.amazonaws.com',
      [EDGE_HEADERS.address]: '203.0.113.9',
      [EDGE_HEADERS.host]: 'acme.keys.example',
    }
    expect(ask({}, headers)).toEqual({
      address: '192.0.2.1',
      host: 'abc.execute-api.us-east-1.amazonaws.com',
      secure: true,
    })
  })
})

test.each([
  ['https', true],
  ['wss', true],
  ['http', false],
  ['WS', false],
  ['https, http', false],
])('who came by %s is secure: %s', (proto, secure) => {
  expect(ask({}, { 'x-forwarded-proto': proto })?.secure).toBe(secure)
})

describe('behind an edge', () => {
  const env = {
    KEYHARBOR_EDGE_SECRET: SECRET,
    KEYHARBOR_PROTO_HEADER: 'CloudFront-Forwarded-Proto',
  }
  const edged = {
    [EDGE_HEADERS.secret]: SECRET,
    [EDGE_HEADERS.address]: '203.0.113.9',
    [EDGE_HEADERS.host]: 'acme.keys.example',
    'cloudfront-forwarded-proto': 'https',
  }

  test('the edge says who the viewer is', () => {
    expect(ask(env, edged)).toEqual({
      address: '203.0.113.9',
      host: 'acme.keys.example',
      secure: true,
    })
  })

  test.each([
    ['no secret', { [EDGE_HEADERS.secret]: undefined }],
    ['an empty one', { [EDGE_HEADERS.secret]: '' }],
    ['another', { [EDGE_HEADERS.secret]: `${SECRET}e` }],
    ['part of it', { [EDGE_HEADERS.secret]: SECRET.slice(1) }],
  ])('who goes round it is turned away: %s', (_, change) => {
    expect(ask(env, { ...edged, ...change } as Record<string, string>)).toBeNull()
  })

  test('while its secret is changed, the edge is known by either', () => {
    const changing = { ...env, KEYHARBOR_EDGE_SECRET: `${'d'.repeat(48)},${SECRET}` }
    for (const secret of ['d'.repeat(48), SECRET])
      expect(ask(changing, { ...edged, [EDGE_HEADERS.secret]: secret })).not.toBeNull()
    const both = changing.KEYHARBOR_EDGE_SECRET
    expect(ask(changing, { ...edged, [EDGE_HEADERS.secret]: both })).toBeNull()
  })

  test('an edge that does not name the protocol vouches for nothing', () => {
    const { 'cloudfront-forwarded-proto': _, ...silent } = edged
    expect(ask(env, silent)?.secure).toBe(false)
  })
})

test.each(['', 'short', `${SECRET},`, `${SECRET},short`])(
  'a secret that could be guessed is refused at start: %j',
  (secret) => {
    expect(() => parseEnv({ KEYHARBOR_EDGE_SECRET: secret })).toThrow('KEYHARBOR_EDGE_SECRET')
  },
)
