/**
 * A key's SCRAM salt and rounds, as its first message shows them to everybody. They follow from the id, whether its key
 * exists, existed or never did, so that watching them tells of no creation, reset or deletion.
 */
import { createHmac } from 'node:crypto'
import { BASE62 } from '../domain/key.ts'
import { SALT_BYTES } from './scram.ts'
import type { DataKeys } from './vault.ts'

/** What `server-first-message` says of a key (RFC 5802 §5.1). Nothing secret. */
export type ScramParameters = { readonly salt: Buffer; readonly iterations: number }

/**
 * The parameters of an id, whether there is a key or not.
 * @param keys the service's first data key. It is never rotated: salts would change with it, and nobody could log in
 * by SCRAM. That is also why each key keeps its own salt in clear.
 */
export const parametersOf = (
  keys: Pick<DataKeys, 'nonce'>,
  id: number,
  iterations: number,
): ScramParameters => {
  const digest = createHmac('sha256', keys.nonce).update(`salt|${id}`).digest()
  const salt = [...digest.subarray(0, SALT_BYTES)].map((byte) => BASE62[byte % 62]).join('')
  return { salt: Buffer.from(salt), iterations }
}

/** A key's SCRAM salt (base64) and rounds, in clear: first messages show them to everybody. */
export type ScramFacts = { readonly salt: string; readonly iterations: number }

/** The same as the table keeps them. */
export const toFacts = ({ salt, iterations }: ScramParameters): ScramFacts => ({
  salt: salt.toString('base64'),
  iterations,
})

export const fromFacts = ({ salt, iterations }: ScramFacts): ScramParameters => ({
  salt: Buffer.from(salt, 'base64'),
  iterations,
})
