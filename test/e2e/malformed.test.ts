/** Every malformed spelling of a good key, against introspection and every way to log in: refused
 * alike, never a 500. The good key itself passes before and after. */
import { describe, expect, it } from 'vitest'
import { introspect, newTenant, openSocket } from './kit.ts'

const variants = (key: string): string[] => {
  const [id = '', secret = ''] = key.split('-')
  const flipped = [...secret].map((character, at) => {
    const other =
      character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase()
    return `${id}-${secret.slice(0, at)}${other === character ? '!' : other}${secret.slice(at + 1)}`
  })
  const digits = (zero: number): string =>
    key.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)))
  return [
    '',
    '-',
    id,
    secret,
    `${id}-`,
    `-${secret}`,
    ...Array.from({ length: 12 }, (_, n) => key.slice(0, -1 - n * 5)),
    ...Array.from({ length: 6 }, (_, n) => key.slice(n + 1)),
    ...[
      '0',
      'x',
      ' ',
      '\t',
      '\n',
      '\r\n',
      '\u0000',
      '\ufeff',
      '\u00a0',
      '\u200b',
      '%20',
      '=',
      '/',
      '.',
    ].flatMap((more) => [
      key + more,
      more + key,
      `${id}${more}-${secret}`,
      `${id}-${more}${secret}`,
    ]),
    ...flipped,
    `${key}${secret}`,
    `${key}-${secret}`,
    `evil_${key}`,
    key.toUpperCase(),
    key.toLowerCase(),
    `0${key}`,
    `+${key}`,
    `${id}.0-${secret}`,
    `${Number(id) / 10}e1-${secret}`,
    `0x${Number(id).toString(16)}-${secret}`,
    `${Number(id) + 1}-${secret}`,
    `${Number(id) % 1e9}-${secret}`,
    `99999999999999999999-${secret}`,
    ...['\u2010', '\u2013', '\u2212', '_', '--', ' - '].map((dash) => `${id}${dash}${secret}`),
    digits(0xff10),
    digits(0x0660),
    key.replace(
      /[ace]/gi,
      (letter) => ({ a: '\u0430', c: '\u0441', e: '\u0435' })[letter.toLowerCase()] ?? '',
    ),
    `${key.normalize('NFD')}\u0301`,
    Buffer.from(key).toString('base64'),
    Buffer.from(key).toString('hex'),
    '\ud800',
    `${key}\ud83d`,
    'null',
    'undefined',
    '[object Object]',
    '{"active":true}',
    "' OR 1=1 --",
  ].filter((variant) => variant !== key)
}

/** What a header can carry at all: nothing beyond Latin-1, no control characters. */
const fitsHeader = (text: string): boolean => /^[\x20-\x7e\xa0-\xff]*$/.test(text)

describe('a malformed key', () => {
  it('is inactive for introspection, as token and as the caller’s own', async () => {
    const tenant = await newTenant()
    const { key } = await tenant.create()
    const good = async () => (await introspect(tenant.device, key)).json()
    expect(await good()).toMatchObject({ active: true })
    for (const variant of variants(key)) {
      const reply = await introspect(tenant.device, variant)
      if (variant === '') expect(reply.status).toBe(400)
      else expect([reply.status, reply.text]).toEqual([200, '{"active":false}'])
    }
    const device = tenant.device
    const refusals = new Set<string>()
    for (const variant of variants(device).filter(fitsHeader)) {
      // HTTP itself takes the white space off the ends of a header: what arrives is the key.
      if (variant.trim() === device) continue
      const reply = await introspect(variant, key)
      expect(reply.status).toBe(401)
      refusals.add((reply.json() as { error: string }).error)
    }
    expect([...refusals]).toEqual(['invalid_token'])
    expect(await good()).toMatchObject({ active: true })
  })

  it('logs nobody in, by any mechanism, with one and the same answer', async () => {
    const tenant = await newTenant()
    const { key, id } = await tenant.create()
    const rpc = await openSocket()
    const nonce = Buffer.alloc(32, 1).toString('base64')
    for (const [at, variant] of variants(key).entries()) {
      // What isn't text is no JSON that others could read: nothing is tried with it.
      if (!variant.isWellFormed()) {
        const login = rpc.call('auth.login_with_api_key', variant)
        await expect(login).rejects.toMatchObject({ code: -32700 })
        continue
      }
      expect(await rpc.call('auth.login_with_api_key', variant)).toBe(false)
      expect(await rpc.call('auth.login_with_token', variant)).toBe(false)
      // A password is hashed slowly, whatever it is: a few of them will do.
      if (at % 20 === 0)
        expect(await rpc.call('auth.login', `admin@${tenant.slug}`, variant)).toBe(false)
      const login = (data: object) => rpc.call('auth.login_ex', data)
      const refused = { response_type: 'AUTH_ERR' }
      expect(
        await login({ mechanism: 'API_KEY_PLAIN', username: 'admin', api_key: variant }),
      ).toEqual(refused)
      expect(await login({ mechanism: 'TOKEN_PLAIN', token: variant })).toEqual(refused)
      const scram = (scram_type: string, rfc_str: string) =>
        login({ mechanism: 'SCRAM', scram_type, rfc_str })
      expect(await scram('CLIENT_FIRST_MESSAGE', variant)).toEqual(refused)
      // No final message without a first one: it can't even be looked at.
      const data = { mechanism: 'SCRAM', scram_type: 'CLIENT_FINAL_MESSAGE', rfc_str: variant }
      await expect(login(data)).rejects.toThrow('SCRAM authentication is not in progress')
      // An id alone is what SCRAM does name; the proof is what it lacks (test/methods/auth_scram.test.ts).
      if (!/^[1-9]\d{0,15}$/.test(variant))
        expect(await scram('CLIENT_FIRST_MESSAGE', `n,,n=admin:${variant},r=${nonce}`)).toEqual(
          refused,
        )
    }
    await expect(rpc.call('auth.me')).rejects.toThrow('Not authenticated')
    expect(await rpc.call('auth.login_with_api_key', key)).toBe(true)
    expect(await rpc.call('api_key.get_instance', id)).toMatchObject({ revoked: false })
    rpc.close()
  })

  it('of the wrong type is a bad parameter', async () => {
    const rpc = await openSocket()
    for (const value of [null, 5, true, {}, [], { $date: 1 }])
      await expect(rpc.call('auth.login_with_api_key', value)).rejects.toMatchObject({
        code: -32602,
      })
    rpc.close()
  })
})
