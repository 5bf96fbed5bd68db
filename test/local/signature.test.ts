/** Signatures, from the side of who is asked: made by AWS's own signer, and bent in one place each. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTrust, issueCredentials, type Trust } from '../../local/credentials.ts'
import { createVerifier } from '../../local/signature.mjs'

const { sha256 } = new DynamoDBClient({ region: 'us-east-1' }).config
const NOW = Date.UTC(2026, 10, 30, 8)

const asSdk = ({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }: Issued) => ({
  accessKeyId: AWS_ACCESS_KEY_ID,
  secretAccessKey: AWS_SECRET_ACCESS_KEY,
  sessionToken: AWS_SESSION_TOKEN,
})
type Issued = ReturnType<typeof issueCredentials>

const asked = { method: 'POST', path: '/', body: '{"a":1}', target: 'DynamoDB_20120810.GetItem' }

/** A request as it arrives, signed by AWS's signer. */
const signed = async (
  credentials: { accessKeyId: string; secretAccessKey: string },
  { method, path, body, target } = asked,
  at = NOW,
) => {
  const signer = new SignatureV4({ service: 'dynamodb', region: 'us-east-1', credentials, sha256 })
  const sent = await signer.sign(
    {
      method,
      path,
      protocol: 'http:',
      hostname: '127.0.0.1',
      headers: { host: '127.0.0.1:1', 'content-type': 'x  y ', 'x-amz-target': target },
      body,
    },
    { signingDate: new Date(at) },
  )
  const headers: Record<string, string> = Object.fromEntries(
    Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  return { method, url: path, headers, body: Buffer.from(body) }
}
type Signed = Awaited<ReturnType<typeof signed>>

const judge = (trust: Trust, { body, ...request }: Signed, now = NOW) =>
  createVerifier(trust)(request, body, now)

describe('a signature', () => {
  // AWS's signer leaves out `.` and `..` as it signs (RFC 3986 §5.2.4): no request of the SDK has them.
  const segment = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    .filter((text) => text !== '.' && text !== '..')
  it('of whom we gave credentials is good, whatever is asked', async () => {
    const trust = createTrust()
    const verify = createVerifier(trust)
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 3 }), fc.string(), async (path, body) => {
        const as = asSdk(issueCredentials(trust))
        const url = `/${path.map(encodeURIComponent).join('/')}`
        const { body: bytes, ...request } = await signed(as, { ...asked, path: url, body })
        expect(verify(request, bytes, NOW)).toEqual({ id: as.accessKeyId, path: url })
      }),
    )
  })

  const bends: Record<string, (request: Signed) => Signed> = {
    'another body': (request) => ({ ...request, body: Buffer.from('{"a":2}') }),
    'another method': (request) => ({ ...request, method: 'PUT' }),
    'another path': (request) => ({ ...request, url: '/x' }),
    'a query': (request) => ({ ...request, url: '/?x' }),
    'no signature': ({ headers: { authorization: _, ...headers }, ...request }) => ({
      ...request,
      headers,
    }),
    ...Object.fromEntries(
      ['x-amz-target', 'x-amz-date', 'host', 'content-type', 'x-amz-security-token'].map((name) => [
        `another ${name}`,
        (request: Signed) => ({
          ...request,
          headers: { ...request.headers, [name]: '20261130T080001Z' },
        }),
      ]),
    ),
    ...Object.fromEntries(
      [
        ['Signature=', 'Signature=0'],
        [/Signature=./, 'Signature=x'],
        ['us-east-1', 'us-east-2'],
        ['/dynamodb/', '/kms/'],
        ['20261130/', '20261129/'],
        ['Credential=ASIA', 'Credential=AKIA'],
        ['host;', ''],
        ['AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1'],
      ].map(([from = '', to = '']) => [
        `${from} as ${to}`,
        ({ headers, ...request }: Signed) => {
          const authorization = String(headers.authorization).replace(from, String(to))
          return { ...request, headers: { ...headers, authorization } }
        },
      ]),
    ),
  }
  it.each(Object.keys(bends))('is not good with %s', async (name) => {
    const trust = createTrust()
    const good = await signed(asSdk(issueCredentials(trust)))
    expect(judge(trust, good)).not.toBe(null)
    expect(judge(trust, bends[name]?.(good) ?? good)).toBe(null)
  })

  it('is not good by an id that we gave and another secret, nor at another start', async () => {
    const trust = createTrust()
    const as = asSdk(issueCredentials(trust))
    const other = asSdk(issueCredentials(trust))
    const { secretAccessKey } = other
    expect(judge(trust, await signed({ ...as, secretAccessKey }))).toBe(null)
    expect(judge(createTrust(), await signed(as))).toBe(null)
  })

  it('is good for a quarter of an hour, either way', async () => {
    const trust = createTrust()
    const as = asSdk(issueCredentials(trust))
    for (const [minutes, isGood] of [
      [-15, true],
      [15, true],
      [-15.1, false],
      [15.1, false],
    ] as const) {
      const request = await signed(as, asked, NOW + minutes * 60_000)
      expect(judge(trust, request) !== null).toBe(isGood)
    }
    const undated = await signed(as)
    for (const date of ['', 'x', '20261130'])
      expect(
        judge(trust, { ...undated, headers: { ...undated.headers, 'x-amz-date': date } }),
      ).toBe(null)
  })
})

describe("the person's own credentials", () => {
  const own = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
  const as = { accessKeyId: 'test', secretAccessKey: 'test' }

  it('are good at an address alone that nobody can guess', async () => {
    const trust = createTrust(own)
    expect(trust.path).toMatch(/^\/[0-9a-f]{32}$/)
    const path = `${trust.path}/prod/%40connections/a%3D`
    expect(judge(trust, await signed(as, { ...asked, path }))).toEqual({
      id: 'test',
      path: '/prod/%40connections/a%3D',
    })
    for (const other of ['/', trust.path, `/x${trust.path}/`, createTrust(own).path])
      expect(judge(trust, await signed(as, { ...asked, path: other }))).toBe(null)
  })

  it('are the only ones then', async () => {
    const trust = createTrust(own)
    const path = `${trust.path}/`
    expect(judge(trust, await signed({ ...as, accessKeyId: 'best' }, { ...asked, path }))).toBe(
      null,
    )
    expect(judge(trust, await signed({ ...as, secretAccessKey: 'best' }, { ...asked, path }))).toBe(
      null,
    )
    expect(() => issueCredentials(trust)).toThrow('own credentials')
  })
})
