/** A SCRAM client as TrueNAS's are (docs/protocol/client.md §2.6), for tests. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha512', key).update(text).digest()

export type Call = <T>(method: string, ...params: unknown[]) => Promise<T>
type Answer = { response_type: string; rfc_str: string; user_info: unknown }
type Options = {
  readonly username: string
  readonly raw: string
  /** Digest of the certificate to bind to; none: no channel binding. */
  readonly certificate?: Buffer
  /** Changes the final message before it is sent. */
  readonly bend?: (text: string) => string
}

/** Runs the exchange. @returns the last answer, and whether the server proved itself. */
export const scramLogin = async (
  call: Call,
  { username, raw, certificate, bend = (text) => text }: Options,
): Promise<{ first: Answer; last: Answer | null; serverProven: boolean }> => {
  const dash = raw.indexOf('-')
  const [id, secret] = [raw.slice(0, dash), raw.slice(dash + 1)]
  const header = certificate === undefined ? 'n,,' : 'p=tls-server-end-point,,'
  const bare = `n=${username}:${id},r=${randomBytes(32).toString('base64')}`
  const send = (scram_type: string, rfc_str: string) =>
    call<Answer>('auth.login_ex', { mechanism: 'SCRAM', scram_type, rfc_str })
  const first = await send('CLIENT_FIRST_MESSAGE', header + bare)
  if (first.response_type !== 'SCRAM_RESPONSE') return { first, last: null, serverProven: false }
  const [, r = '', s = '', i = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(first.rfc_str) ?? []
  const salted = pbkdf2Sync(secret, Buffer.from(s, 'base64'), Number(i), 64, 'sha512')
  const clientKey = hmac(salted, 'Client Key')
  const storedKey = createHash('sha512').update(clientKey).digest()
  const c = Buffer.concat([Buffer.from(header), certificate ?? Buffer.alloc(0)]).toString('base64')
  const withoutProof = `c=${c},r=${r}`
  const message = [bare, first.rfc_str, withoutProof].join(',')
  const signature = hmac(storedKey, message)
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)))
  const final = bend(`${withoutProof},p=${proof.toString('base64')}`)
  const last = await send('CLIENT_FINAL_MESSAGE', final)
  const expected = `v=${hmac(hmac(salted, 'Server Key'), message).toString('base64')}`
  return { first, last, serverProven: last.rfc_str === expected }
}
