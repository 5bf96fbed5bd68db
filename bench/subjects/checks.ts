/** What is sent for a check, or for a hundred, and how the answers look. */
import type { Tenant } from '../rig/tenant.ts'
import { Skip } from '../run/subject.ts'
import type { ProcessRequest } from '../servers/our-process.ts'
import { FORM, type Post, type Proof, prove } from './callers.ts'

export type Way = {
  /** Requests for all keys of a tenant. */
  readonly requests: (tenant: Tenant, authorization: string) => ProcessRequest[]
  /** Whether an answer says that all that was asked about is good. */
  readonly isRight: (body: string) => boolean
  /** Keys of one request. */
  readonly items: (tenant: Tenant) => number
}

/** RFC 7662: one key. */
export const ONE: Way = {
  requests: ({ keys }, authorization) =>
    keys.map((key) => ({
      path: '/oauth2/introspect',
      headers: { authorization, 'content-type': FORM },
      body: `token=${key}`,
    })),
  isRight: (body) => body.includes('"active":true'),
  items: () => 1,
}

/** All of them at once. */
export const BATCH: Way = {
  requests: ({ keys }, authorization) => [
    {
      path: '/v1/introspect',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ tokens: keys }),
    },
  ],
  isRight: (body) => body.includes('"active":true') && !body.includes('"active":false'),
  items: ({ keys }) => keys.length,
}

/** @throws Skip if the service has no such route, or no such proof. */
export const requestsBy = async (
  way: Way,
  proof: Proof,
  tenant: Tenant,
  post: Post,
): Promise<ProcessRequest[]> => {
  const authorization = await prove(proof, tenant.device, post)
  if (authorization === null) throw new Skip('there is no POST /oauth2/token')
  const requests = way.requests(tenant, authorization)
  for (const { path, headers, body } of requests.slice(0, 1))
    if ((await post(path, headers, body)).status === 404) throw new Skip(`there is no POST ${path}`)
  return requests
}
