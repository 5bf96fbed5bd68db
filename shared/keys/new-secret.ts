/** Makes secrets: what is shown of them this once, and what is kept sealed. */

import { mintSecret } from '../crypto/random.ts'
import type { ScramFacts } from '../crypto/salt.ts'
import { parametersOf, type ScramParameters, toFacts } from '../crypto/salt.ts'
import { digestOf, fingerprintOf, makeVerifier } from '../crypto/verifier.ts'
import { idOf, type KeyRef, rawKey } from '../domain/key.ts'
import type { Ceiling } from '../domain/roles.ts'
import type { Parts } from '../parts.ts'
import { type Actor, ceilingFor } from '../store/audit.ts'
import type { CheckedKey, SealedSecret } from '../store/key-items.ts'
import { shownOf } from './check.ts'

type Terms = {
  readonly dataKey: number
  readonly ceiling: Ceiling
  readonly parameters: ScramParameters
}

export const makeSecret = async (
  service: Pick<Parts, 'vault' | 'now'>,
  of: KeyRef & { generation: number },
  { dataKey, ceiling, parameters }: Terms,
) => {
  const keys = await service.vault.keys(of.tenant, dataKey)
  if (keys === null) throw new Error(`data key ${dataKey} of tenant ${of.tenant} is gone`)
  const id = idOf(of)
  const secret = mintSecret(id)
  const { sealed, scram } = await makeVerifier(secret, of, keys, parameters)
  const { generation } = of
  const fingerprint = fingerprintOf(digestOf(secret))
  const issuedAt = service.now()
  const kept: SealedSecret = { generation, issuedAt, dataKey, sealed, fingerprint, ceiling }
  return { secret: kept, raw: rawKey(id, secret), scram }
}

/** The next secret of a key. It keeps the salt: SCRAM shows the salt before it is known which secret the client has,
 * and to anyone who asks, who must not see that there was a reset. */
export const newSecret = async (
  service: Pick<Parts, 'vault' | 'scramIterations' | 'now' | 'tenants'>,
  key: CheckedKey,
  actor: Actor,
) => {
  const dataKey = await currentDataKey(service, key.tenant)
  const of = { tenant: key.tenant, n: key.n, generation: key.generation + 1 }
  const ceiling = key.device ? null : ceilingFor(actor, key.uid)
  return makeSecret(service, of, {
    dataKey,
    ceiling,
    parameters: await parametersOfKey(service, key),
  })
}

/** Salt and rounds that first messages show of an id without a key. */
export const ownParameters = async (
  { vault, scramIterations }: Pick<Parts, 'vault' | 'scramIterations'>,
  id: number,
): Promise<ScramParameters> => {
  const keys = await vault.keys('service', 1)
  if (keys === null) throw new Error("the service's data key is gone")
  return parametersOf(keys, id, scramIterations)
}

/** Salt and rounds that first messages show of a key; those of its id, where its data key was shredded. */
const parametersOfKey = async (
  service: Pick<Parts, 'vault' | 'scramIterations'>,
  key: CheckedKey,
): Promise<ScramParameters> =>
  (await shownOf(service.vault, key)) ?? (await ownParameters(service, key.id))

/** Salt and rounds that a deleted key leaves, so that nobody sees that it is gone; null if they follow from its id. */
export const leftBehind = async (
  service: Pick<Parts, 'vault' | 'scramIterations'>,
  key: CheckedKey,
): Promise<ScramFacts | null> => {
  const [shown, own] = [await parametersOfKey(service, key), await ownParameters(service, key.id)]
  return shown.iterations === own.iterations && shown.salt.equals(own.salt) ? null : toFacts(shown)
}

export const currentDataKey = async (
  { tenants }: Pick<Parts, 'tenants'>,
  tenant: number,
): Promise<number> => {
  const version = await tenants.currentDataKey(tenant)
  if (version === null) throw new Error(`tenant ${tenant} does not exist`)
  return version
}
