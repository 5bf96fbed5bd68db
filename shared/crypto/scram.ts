/**
 * SCRAM-SHA-512 as TrueNAS speaks it (RFC 5802 with the differences of docs/protocol/client.md §2.6): messages and
 * proofs, without state and without I/O. Who may log in is decided in `scram-login.ts`.
 */
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secret } from '../domain/secret.ts'

/** The least that clients accept (docs/protocol/client.md §2.6): a 345-bit secret needs no stretching. */
export const ITERATIONS = 50_000
export const SALT_BYTES = 16
const NONCE_BYTES = 32

/** What a server keeps of a secret (RFC 5802 §3). */
export type ScramVerifier = {
  readonly salt: Buffer
  readonly iterations: number
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

const stretch = promisify(pbkdf2)

/** Derives the verifier, and the client key that `api_key.create` shows once beside the raw key. */
export const deriveScram = async (
  secret: Secret,
  salt: Buffer,
  iterations = ITERATIONS,
): Promise<ScramVerifier & { clientKey: Buffer }> => {
  const salted = await stretch(secret.reveal(), salt, iterations, 64, 'sha512')
  const clientKey = hmac(salted, 'Client Key')
  const serverKey = hmac(salted, 'Server Key')
  salted.fill(0)
  return { salt, iterations, clientKey, storedKey: sha512(clientKey), serverKey }
}

/** How a client means to bind to the TLS channel: not at all, or by `tls-server-end-point`. */
export type Binding = 'none' | 'endpoint'
export type ClientFirst = {
  readonly binding: Binding
  readonly username: string
  readonly keyId: number
  readonly nonce: Buffer
}

/** Reads `client-first-message`; null if it isn't exactly of the form that clients send. */
export const parseClientFirst = (text: string): ClientFirst | null => {
  const match = /^(n|p=tls-server-end-point),,n=([^,=:]{1,256}):([1-9][0-9]{0,15}),r=([^,]+)$/.exec(
    text,
  )
  const [, flag, username = '', keyId, r = ''] = match ?? []
  const nonce = fromBase64(r)
  if (nonce?.length !== NONCE_BYTES) return null
  return { binding: flag === 'n' ? 'none' : 'endpoint', username, keyId: Number(keyId), nonce }
}

/** `client-first-message-bare`, rebuilt from its parts: the base64 is canonical, so byte for byte. */
export const clientFirstBare = (username: string, keyId: number, nonce: Buffer): string =>
  `n=${username}:${keyId},r=${nonce.toString('base64')}`

/** `server-first-message`. The nonce is the base64 of both parties' raw bytes, not of their texts. */
export const serverFirst = (nonce: Buffer, salt: Buffer, iterations: number): string =>
  `r=${nonce.toString('base64')},s=${salt.toString('base64')},i=${iterations}`

export type ClientFinal = {
  /** The whole message up to the proof: what both sides sign. */
  readonly withoutProof: string
  /** The gs2 header and the binding data that the client saw. */
  readonly channel: Buffer
  readonly clientNonce: Buffer
  readonly serverNonce: Buffer
  readonly proof: Buffer
}

/** Both nonces of a final message, even if the rest is malformed; null if it has none. */
export const noncesOf = (text: string): { client: Buffer; server: Buffer } | null => {
  const nonce = fromBase64(/(?:^|,)r=([^,]+)/.exec(text)?.[1] ?? '')
  return nonce?.length === 2 * NONCE_BYTES
    ? { client: nonce.subarray(0, NONCE_BYTES), server: nonce.subarray(NONCE_BYTES) }
    : null
}

/** Reads `client-final-message`; null if it isn't exactly of the form that clients send. */
export const parseClientFinal = (text: string): ClientFinal | null => {
  const [, withoutProof = '', c = '', r = '', p = ''] =
    /^(c=([^,]+),r=([^,]+)),p=([^,]+)$/.exec(text) ?? []
  const [channel, nonce, proof] = [fromBase64(c), fromBase64(r), fromBase64(p)]
  if (channel === null || nonce?.length !== 2 * NONCE_BYTES || proof?.length !== 64) return null
  return {
    withoutProof,
    channel,
    clientNonce: nonce.subarray(0, NONCE_BYTES),
    serverNonce: nonce.subarray(NONCE_BYTES),
    proof,
  }
}

/** True if the final message's channel data is what the first message announced, over the
 * connection that the server sees: one of `digests` is the certificate's (RFC 5929 §4). */
export const channelHolds = (
  channel: Buffer,
  binding: Binding,
  digests: readonly Buffer[],
): boolean => {
  if (binding === 'none') return equal(channel, Buffer.from('n,,'))
  const header = Buffer.from('p=tls-server-end-point,,')
  return digests.some((digest) => equal(channel, Buffer.concat([header, digest])))
}

/** Checks the proof (RFC 5802 §3). @returns `server-final-message`, or null for a wrong proof. */
export const serverFinal = (
  { storedKey, serverKey }: ScramVerifier,
  authMessage: string,
  proof: Buffer,
): string | null => {
  const signature = hmac(storedKey, authMessage)
  const clientKey = Buffer.from(proof.map((byte, i) => byte ^ (signature[i] ?? 0)))
  const proven = timingSafeEqual(sha512(clientKey), storedKey)
  clientKey.fill(0)
  return proven ? `v=${hmac(serverKey, authMessage).toString('base64')}` : null
}

// ---------------------------------------------------------------------------------------------

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha512', key).update(text).digest()
const sha512 = (bytes: Buffer): Buffer => createHash('sha512').update(bytes).digest()

const equal = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)

/** Canonical base64 only: Node's decoder would skip what it doesn't know. */
const fromBase64 = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}
