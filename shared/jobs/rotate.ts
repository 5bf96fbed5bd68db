/**
 * Makes signing keys when they are due, and takes away those that retired. Running twice or in parallel
 * makes one: a key's number is taken by a condition.
 */

import { makeSigningPair } from '../crypto/signing-key.ts'
import { nextTurn, retiredAt } from '../domain/rotation.ts'
import type { Parts } from '../parts.ts'

/** Version of the service's data key that new signing keys are sealed under. */
const DATA_KEY = 1

/** @returns how many keys came or went. */
export const rotateSigningKeys = async (
  service: Pick<Parts, 'signingKeys' | 'vault' | 'now'>,
): Promise<number> => {
  const { signingKeys, vault, now } = service
  const chain = await signingKeys.published()
  let changes = 0
  for (const key of retiredAt(chain, now())) if (await signingKeys.remove(key)) changes++
  const turn = nextTurn(chain, now())
  // Before the first tenant there is no data key, and nobody needs a signature.
  const keys = turn && (await vault.keys('service', DATA_KEY))
  if (turn === null || keys === null) return changes
  const pair = await makeSigningPair(keys.seal)
  const made = await signingKeys.add({ ...turn, ...pair, createdAt: now(), dataKey: DATA_KEY })
  return made ? changes + 1 : changes
}
