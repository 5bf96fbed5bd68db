/** (b) Ours: the check, in process and over HTTP, with a DynamoDB that costs nothing and with a real one. */
import type { Cloud } from '../rig/cloud.ts'
import type { Tenant } from '../rig/tenant.ts'
import { bundleOf } from '../run/build.ts'
import { startChild } from '../run/child.ts'
import type { HttpRequest } from '../run/http-load.ts'
import { AT_ONCE, type Sample } from '../run/protocol.ts'
import { Skip, type Subject } from '../run/subject.ts'
import type { ProcessRequest, ProcessStart } from '../servers/our-process.ts'
import { FORM, type Post, type Proof, postTo, prove } from './callers.ts'
import { httpSubject } from './http.ts'

type Place = 'canned' | 'embedded'

export const ours = (cloud: Cloud, canned: string, tenant: Tenant): Subject[] => {
  const dynamo = { canned, embedded: cloud.dynamoUrl }
  const environmentOf = (place: Place) => cloud.environment('', dynamo[place])

  const overHttp = (place: Place, proof: Proof): Subject =>
    httpSubject({
      id: `http-${place}-${slugOf(proof)}`,
      group: 'ours',
      label: `introspection over HTTP, ${place} DynamoDB, asked by ${proof}`,
      server: 'our-http',
      environment: async () => environmentOf(place),
      requests: async (origin) =>
        single(tenant, await provenOrSkip(proof, tenant.device, postTo(origin))).map(toHttp),
      isRight: isActive,
    })

  const batch = (place: Place, proof: Proof): Subject =>
    httpSubject({
      id: `batch-${place}-${slugOf(proof)}`,
      group: 'ours',
      label: `batch of ${tenant.keys.length} over HTTP, ${place} DynamoDB, asked by ${proof}, per key`,
      server: 'our-http',
      environment: async () => environmentOf(place),
      requests: async (origin) => {
        const post = postTo(origin)
        const authorization = await provenOrSkip(proof, tenant.device, post)
        const request = batchRequest(tenant, authorization)
        const { status } = await post(request.path, request.headers, request.body)
        if (status === 404) throw new Skip('there is no POST /v1/introspect')
        return [toHttp(request)]
      },
      isRight: (body) => body.split('"active":true').length === tenant.keys.length + 1,
      items: tenant.keys.length,
    })

  const inProcess = (
    id: string,
    label: string,
    place: Place,
    start: ProcessStart,
    proof: Proof = 'key',
  ): Subject => ({
    id,
    group: 'ours',
    label,
    by: 'process',
    start: async () => {
      const child = startChild(bundleOf('our-process'), { environment: environmentOf(place) })
      try {
        await child.ask('start', start)
        const ask = (requests: readonly ProcessRequest[]) => child.ask<Reply[]>('ask', requests)
        const post: Post = async (path, headers, body) => {
          const [reply] = await ask([{ path, headers, body }])
          return { status: reply?.statusCode ?? 0, body: reply?.body ?? '' }
        }
        const prepare = async (): Promise<void> => {
          const authorization = await provenOrSkip(proof, tenant.device, post)
          for (const { body } of await ask(single(tenant, authorization)))
            if (!isActive(body)) throw new Error(`answered ${body}`)
        }
        await prepare()
        return {
          measure: async (seconds) => {
            await prepare()
            return child.ask<Sample>('run', seconds)
          },
          close: () => child.stop(),
        }
      } catch (error) {
        await child.stop()
        throw error
      }
    },
  })

  return [
    inProcess('check', 'two keys checked in process, reads from memory', 'embedded', {
      reads: 'memory',
      layer: 'check',
      atOnce: 1,
    }),
    ...PROOFS.map((proof) =>
      inProcess(
        `own-${slugOf(proof)}`,
        `introspection in process, reads from memory, asked by ${proof}: our own work`,
        'embedded',
        { reads: 'memory', layer: 'handler', atOnce: 1 },
        proof,
      ),
    ),
    ...PROOFS.map((proof) =>
      inProcess(
        `own-16-${slugOf(proof)}`,
        `introspection in process, reads from memory, ${AT_ONCE} at once, asked by ${proof}`,
        'embedded',
        { reads: 'memory', layer: 'handler', atOnce: AT_ONCE },
        proof,
      ),
    ),
    ...PLACES.flatMap((place) =>
      PROOFS.map((proof) =>
        inProcess(
          `process-${place}-${slugOf(proof)}`,
          `introspection in process, ${place} DynamoDB, asked by ${proof}`,
          place,
          { reads: 'dynamodb', layer: 'handler', atOnce: 1 },
          proof,
        ),
      ),
    ),
    ...PLACES.flatMap((place) => PROOFS.map((proof) => overHttp(place, proof))),
    ...PLACES.map((place) => batch(place, 'key')),
    batch('canned', 'access token'),
  ]
}

// ---------------------------------------------------------------------------------------------

type Reply = { readonly statusCode: number; readonly body: string }

const PROOFS: readonly Proof[] = ['key', 'access token']
const PLACES: readonly Place[] = ['canned', 'embedded']

const slugOf = (proof: Proof): string => (proof === 'key' ? 'key' : 'token')

const isActive = (body: string): boolean => body.includes('"active":true')

const provenOrSkip = async (proof: Proof, key: string, post: Post): Promise<string> => {
  const authorization = await prove(proof, key, post)
  if (authorization === null) throw new Skip('there is no POST /oauth2/token')
  return authorization
}

const single = ({ keys }: Tenant, authorization: string): ProcessRequest[] =>
  keys.map((key) => ({
    path: '/oauth2/introspect',
    headers: { authorization, 'content-type': FORM },
    body: `token=${key}`,
  }))

const batchRequest = ({ keys }: Tenant, authorization: string): ProcessRequest => ({
  path: '/v1/introspect',
  headers: { authorization, 'content-type': 'application/json' },
  body: JSON.stringify({ tokens: keys }),
})

const toHttp = (request: ProcessRequest): HttpRequest => ({ method: 'POST', ...request })
