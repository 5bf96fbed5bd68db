/** (b) Ours: the check, in process and over HTTP, with a DynamoDB that costs nothing and with a real one. */
import type { Cloud } from '../rig/cloud.ts'
import type { Tenant } from '../rig/tenant.ts'
import { AT_ONCE } from '../run/protocol.ts'
import type { Subject } from '../run/subject.ts'
import { type Proof, postTo } from './callers.ts'
import { BATCH, ONE, requestsBy, type Way } from './checks.ts'
import { httpSubject } from './http.ts'
import { inProcess } from './in-process.ts'

export const ours = (cloud: Cloud, canned: string, tenant: Tenant): Subject[] => {
  const dynamo = { canned, embedded: cloud.dynamoUrl }
  const environmentOf = (place: Place) => cloud.environment('', dynamo[place])

  const overHttp = (
    id: string,
    label: string,
    way: Way,
    place: Place,
    proof: Proof,
    connections = AT_ONCE,
  ): Subject =>
    httpSubject({
      id: `${id}-${place}-${SLUGS[proof]}`,
      group: 'ours',
      label: `${label} over HTTP, ${place} DynamoDB, asked by ${proof}`,
      server: 'our-http',
      environment: async () => environmentOf(place),
      requests: async (origin) =>
        (await requestsBy(way, proof, tenant, postTo(origin))).map((request) => ({
          method: 'POST',
          ...request,
        })),
      isRight: way.isRight,
      items: way.items(tenant),
      connections,
    })

  /** The same from an asker who waits for each answer: single checks have nothing to share. */
  const onOneConnection = (id: string, label: string, way: Way, proof: Proof): Subject =>
    overHttp(id, `${label} on one connection`, way, 'canned', proof, 1)

  /** As Lambda has it: the function's handler, an event at a time. */
  const asLambda = (id: string, label: string, way: Way, place: Place, proof: Proof): Subject =>
    inProcess({
      id: `${id}-${place}-${SLUGS[proof]}`,
      label: `${label} in process, ${place} DynamoDB, asked by ${proof}`,
      environment: () => environmentOf(place),
      how: { reads: 'dynamodb', layer: 'handler', atOnce: 1 },
      way,
      proof,
      tenant,
    })

  const fromMemory = (proof: Proof, atOnce: number): Subject =>
    inProcess({
      id: atOnce === 1 ? `own-${SLUGS[proof]}` : `own-${atOnce}-${SLUGS[proof]}`,
      label: `introspection in process, reads from memory, ${atOnce} at once, asked by ${proof}: our own work`,
      environment: () => environmentOf('embedded'),
      how: { reads: 'memory', layer: 'handler', atOnce },
      way: ONE,
      proof,
      tenant,
    })

  return [
    inProcess({
      id: 'check',
      label: 'two keys checked in process, reads from memory',
      environment: () => environmentOf('embedded'),
      how: { reads: 'memory', layer: 'check', atOnce: 1 },
      way: ONE,
      proof: 'key',
      tenant,
    }),
    ...[1, AT_ONCE].flatMap((atOnce) => PROOFS.map((proof) => fromMemory(proof, atOnce))),
    ...PLACES.flatMap((place) =>
      PROOFS.map((proof) => asLambda('process', 'introspection', ONE, place, proof)),
    ),
    ...PROOFS.map((proof) => asLambda('process-batch', HUNDRED, BATCH, 'canned', proof)),
    ...PLACES.flatMap((place) =>
      PROOFS.map((proof) => overHttp('http', 'introspection', ONE, place, proof)),
    ),
    ...PLACES.flatMap((place) =>
      PROOFS.map((proof) => overHttp('batch', HUNDRED, BATCH, place, proof)),
    ),
    ...PROOFS.map((proof) => onOneConnection('http-1', 'introspection', ONE, proof)),
    ...PROOFS.map((proof) => onOneConnection('batch-1', HUNDRED, BATCH, proof)),
  ]
}

// ---------------------------------------------------------------------------------------------

type Place = 'canned' | 'embedded'

const PLACES: readonly Place[] = ['canned', 'embedded']
const PROOFS: readonly Proof[] = ['key', 'access token']
const SLUGS: Readonly<Record<Proof, string>> = { key: 'key', 'access token': 'token' }
const HUNDRED = 'batch of 100, per key,'
