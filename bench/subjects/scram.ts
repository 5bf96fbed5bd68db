/** A SCRAM login as a client does it that keeps its salted secret (RFC 5802 §3 lets it): the load is the
 * service's work, not the 50 000 rounds at the client. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import type { Line } from '../run/socket.ts'

type Answer = { readonly response_type: string; readonly rfc_str: string }

export const createScramLogin = (username: string, raw: string) => {
  const dash = raw.indexOf('-')
  const [id, secret] = [raw.slice(0, dash), raw.slice(dash + 1)]
  const salted = new Map<string, Buffer>()

  const saltedOf = (salt: string, iterations: string): Buffer => {
    const known = salted.get(salt + iterations)
    if (known !== undefined) return known
    const bytes = Buffer.from(salt, 'base64')
    const made = pbkdf2Sync(secret, bytes, Number(iterations), 64, 'sha512')
    salted.set(salt + iterations, made)
    return made
  }

  /** @throws Error unless the service lets it in. */
  return async ({ call }: Line): Promise<void> => {
    const send = (scram_type: string, rfc_str: string): Promise<Answer> =>
      call<Answer>('auth.login_ex', { mechanism: 'SCRAM', scram_type, rfc_str })
    const bare = `n=${username}:${id},r=${randomBytes(32).toString('base64')}`
    const first = await send('CLIENT_FIRST_MESSAGE', `n,,${bare}`)
    const [, r = '', s = '', i = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(first.rfc_str) ?? []
    const clientKey = hmac(saltedOf(s, i), 'Client Key')
    const withoutProof = `c=${Buffer.from('n,,').toString('base64')},r=${r}`
    const message = [bare, first.rfc_str, withoutProof].join(',')
    const signature = hmac(createHash('sha512').update(clientKey).digest(), message)
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)))
    const last = await send('CLIENT_FINAL_MESSAGE', `${withoutProof},p=${proof.toString('base64')}`)
    if (!last.rfc_str.startsWith('v=')) throw new Error(`the login ended ${last.response_type}`)
  }
}

// ---------------------------------------------------------------------------------------------

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha512', key).update(text).digest()
