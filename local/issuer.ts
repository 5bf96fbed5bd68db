/** The operator's token issuer of this machine: an ES256 key and its public half as a JWKS. In the
 * cloud an identity provider has this place. */
import { join } from 'node:path'
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose'
import { readIfThere, writeDurably } from './durable.ts'
import { UserError } from './user-error.ts'

export const ISSUER = 'keyharbor-local'
export const AUDIENCE = 'keyharbor'
/** How long a token lives: it is made anew at each start. */
export const TOKEN_SECONDS = 30 * 86_400

export const openIssuer = async (folder: string, now: () => number = Date.now) => {
  const path = join(folder, 'operator.jwk')
  const stored = await readIfThere(path)
  const { jwk, key } = await read(stored === null ? await make() : String(stored)).catch(() => {
    throw new UserError(`${path} isn't a private key: remove it, and a new one is made`)
  })
  if (stored === null) await writeDurably(path, JSON.stringify(jwk))
  const { d: _private, ...published } = jwk
  const kid = await calculateJwkThumbprint(published)

  return {
    jwks: { keys: [{ ...published, kid, alg: 'ES256', use: 'sig' }] },

    /** A token that lets its bearer manage tenants for 30 days. */
    async token(): Promise<string> {
      const seconds = Math.floor(now() / 1000)
      return new SignJWT({ scope: 'tenants:read tenants:write' })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject('operator')
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + TOKEN_SECONDS)
        .sign(key)
    },
  }
}

export type Issuer = Awaited<ReturnType<typeof openIssuer>>

// ---------------------------------------------------------------------------------------------

const make = async (): Promise<string> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return JSON.stringify(await exportJWK(privateKey))
}

const read = async (text: string) => {
  const jwk: JWK = JSON.parse(text)
  if (jwk.d === undefined) throw new TypeError('public half only')
  return { jwk, key: await importJWK(jwk, 'ES256') }
}
