/** What of a request is taken for its credential. */
import { expect, it } from 'vitest'
import { mintSecret } from '../../shared/crypto/random.ts'
import type { Checks } from '../../shared/http/context.ts'
import { readProof } from '../../shared/http/credential.ts'
import { LONGEST, type TokenVerdict } from '../../shared/keys/access-token.ts'

const ID = 1_000_000_007
const SECRET = mintSecret(ID).reveal()
const RAW = `${ID}-${SECRET}`
const ISSUER = 'https://keys.example'
const CLAIMS = {
  tenant: 1,
  n: 7,
  id: ID,
  uid: 2,
  roles: [],
  generation: 1,
  issuedAt: 0,
  expires: 1,
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const basic = base64(`${ID}:${SECRET}`)
/** @param verdict what is found of a text that looks like an access token. */
const read = (
  header: string | undefined,
  form: Record<string, string> = {},
  verdict: TokenVerdict = { state: 'unknown' },
) => {
  const service = { accessTokens: { verify: async () => verdict } } as unknown as Checks
  return readProof(service, ISSUER, header, new Map(Object.entries(form)))
}

it.each([
  ['as Bearer', 'bearer', `Bearer ${RAW}`, {}],
  ['as Bearer, in other letters', 'bearer', `bearer   ${RAW}`, {}],
  ['by Basic', 'client', `Basic ${basic}`, {}],
  ['from a form', 'client', undefined, { client_id: `${ID}`, client_secret: SECRET }],
])('a key is read %s', async (_, by, header, form) => {
  expect(await read(header, form)).toMatchObject({ by, presented: { id: ID } })
})

it.each([
  ['no header', 'none', undefined],
  ['another scheme', 'none', 'Digest x'],
  ['a scheme that begins so', 'none', `Bearers ${RAW}`],
  ['a scheme that ends so', 'none', `No Bearer ${RAW}`],
  ['a scheme alone', 'bearer', 'Bearer'],
  ['a scheme and a space', 'bearer', 'Bearer '],
  ['two keys', 'bearer', `Bearer ${RAW} ${RAW}`],
  ['a key of a second scheme', 'bearer', `Bearer x Bearer ${RAW}`],
  ['a key that is cut', 'bearer', `Bearer ${RAW.slice(1)}`],
  ['Basic alone', 'client', 'Basic'],
  ['Basic without base64', 'client', 'Basic ***'],
  ['Basic with a secret that is cut', 'client', `Basic ${base64(`${ID}:${SECRET.slice(1)}`)}`],
])('no key is read from %s', async (_, by, header) => {
  expect(await read(header)).toEqual(by === 'none' ? { by } : { by, presented: null })
})

it('a header is looked at up to the length of the longest token', async () => {
  const spaces = (scheme: string, credentials: string, more: number) =>
    scheme.padEnd('Bearer '.length + LONGEST + more - credentials.length) + credentials
  for (const [scheme, credentials] of [
    ['Bearer', RAW],
    ['Basic', basic],
  ] as const) {
    expect(await read(spaces(scheme, credentials, 0))).toMatchObject({ presented: { id: ID } })
    expect(await read(spaces(scheme, credentials, 1))).toMatchObject({ presented: null })
  }
})

it('two credentials are a contradiction', async () => {
  const form = { client_id: `${ID}`, client_secret: SECRET }
  expect(await read(`Bearer ${RAW}`, form)).toMatchObject({ by: 'both' })
})

it('an access token is read where it was issued, and told where it is good', async () => {
  const token = 'Bearer a.b.c'
  const good = await read(token, {}, { state: 'active', claims: CLAIMS })
  expect(good).toEqual({ by: 'bearer', presented: CLAIMS })
  for (const state of ['unknown', 'expired'] as const)
    expect(await read(token, {}, { state })).toEqual({ by: 'bearer', presented: null })
  const elsewhere = await read(token, {}, { state: 'elsewhere', issuer: 'https://other.example' })
  expect(elsewhere).toMatchObject({
    presented: null,
    why: expect.stringContaining('other.example'),
  })
})
