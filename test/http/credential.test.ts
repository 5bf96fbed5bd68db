import { describe, expect, it } from 'vitest'
import { mintSecret } from '../../shared/crypto/random.ts'
import { clientCredentials, isBasic, splitBasic } from '../../shared/http/credential.ts'

const ID = '1000000007'
const SECRET = mintSecret(Number(ID)).reveal()
const RAW = `${ID}-${SECRET}`

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const read = (authorization: string | undefined, form: Record<string, string> = {}) =>
  clientCredentials(authorization, new Map(Object.entries(form)))

describe('what an OAuth client says of itself', () => {
  it('is Basic by the whole of its scheme', () => {
    for (const header of ['Basic', 'basic YTpi']) expect(isBasic(header)).toBe(true)
    for (const header of [undefined, 'NotBasic YTpi', 'Basics YTpi', 'Bearer Basic'])
      expect(isBasic(header)).toBe(false)
  })

  it.each([
    ['the secret in Basic', `Basic ${base64(`${ID}:${SECRET}`)}`, {}],
    ['the whole key in Basic', `Basic ${base64(`${ID}:${RAW}`)}`, {}],
    ['the secret behind spaces', `Basic  ${base64(`${ID}:${SECRET}`)}`, {}],
    ['the scheme in other letters', `bAsIc ${base64(`${ID}:${SECRET}`)}`, {}],
    ['both parts form-encoded', `Basic ${base64(`%31${ID.slice(1)}:${ID}%2D${SECRET}`)}`, {}],
    ['the id once more in the form', `Basic ${base64(`${ID}:${SECRET}`)}`, { client_id: ID }],
  ])('is the key, from %s', (_, authorization, form) => {
    expect(read(authorization, form)).toEqual({ by: 'basic', raw: RAW })
  })

  it.each([
    ['the secret', SECRET],
    ['the whole key', RAW],
  ])('is the key, from the form with %s', (_, client_secret) => {
    expect(read(undefined, { client_id: ID, client_secret })).toEqual({ by: 'post', raw: RAW })
  })

  it('is nothing where there is no secret, or another scheme', () => {
    expect(read(undefined)).toEqual({ by: 'none' })
    expect(read(undefined, { client_id: ID })).toEqual({ by: 'none' })
    for (const other of ['Bearer ', 'No Basic ', 'Basic\n', 'Basic \n'])
      expect(read(other + RAW)).toEqual({ by: 'none' })
  })

  it.each([
    ['no base64', 'Basic ***'],
    ['empty', 'Basic '],
    ['without a colon', `Basic ${base64(ID)}`],
    ['with a broken escape', `Basic ${base64(`${ID}:%zz`)}`],
    ['with an escape that is no UTF-8', `Basic ${base64(`${ID}:%ff`)}`],
  ])('is no key when Basic is %s', (_, authorization) => {
    expect(read(authorization)).toEqual({ by: 'basic', raw: null })
  })

  it('is no key when the form has a secret only', () => {
    expect(read(undefined, { client_secret: RAW })).toEqual({ by: 'post', raw: null })
  })

  it("never takes another id's key", () => {
    const other = `1000000008-${SECRET}`
    expect(read(undefined, { client_id: ID, client_secret: other })).toEqual({
      by: 'post',
      raw: `${ID}-${other}`,
    })
  })

  it('is a contradiction when it comes twice', () => {
    const basic = `Basic ${base64(`${ID}:${SECRET}`)}`
    expect(read(basic, { client_secret: SECRET })).toMatchObject({ by: 'both' })
    expect(read(basic, { client_id: '1000000008' })).toMatchObject({ by: 'both' })
    expect(read('Basic ***', { client_id: ID })).toMatchObject({ by: 'both' })
    expect(read(`Bearer ${RAW}`, { client_id: ID, client_secret: SECRET })).toMatchObject({
      by: 'both',
    })
  })
})

describe('Basic as browsers send it', () => {
  it('is a name and a password, which may hold colons', () => {
    expect(splitBasic(base64(`anybody:${RAW}`))).toEqual({ name: 'anybody', password: RAW })
    expect(splitBasic(base64(':a:b'))).toEqual({ name: '', password: 'a:b' })
    for (const text of ['%', '', base64('anybody'), `*${base64('a:b')}`, `${base64('a:b')}*`])
      expect(splitBasic(text)).toBeNull()
  })
})
