/**
 * Who is at the other end. Without an edge in front API Gateway says so. With one, API Gateway sees
 * the edge only: then the edge's headers say, and count if its secret comes with them.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Env } from '../../shared/env.ts'

export type Viewer = {
  readonly address: string
  /** The host that the viewer asked for. */
  readonly host: string
  /** Whether the viewer came over TLS. */
  readonly secure: boolean
}

type Request = {
  /** @param name in lower case. */
  readonly header: (name: string) => string | undefined
  /** Address of the caller of API Gateway. */
  readonly sourceIp: string
}

/** Set by the edge and by nobody else (`functions/edge.js`, `cdk/edge.ts`). */
export const EDGE_HEADERS = {
  secret: 'x-keyharbor-edge',
  address: 'x-keyharbor-viewer',
  host: 'x-keyharbor-host',
} as const

/** @returns what tells the viewer of a request; null for one that went round the edge. */
export const createViewers = (env: Env) => {
  const { KEYHARBOR_EDGE_SECRET: secrets, KEYHARBOR_PROTO_HEADER: proto } = env
  const expected = secrets?.map(digest) ?? null
  return ({ header, sourceIp }: Request): Viewer | null => {
    if (expected === null)
      return { address: sourceIp, host: header('host') ?? '', secure: isSecure(header(proto)) }
    const given = digest(header(EDGE_HEADERS.secret) ?? '')
    if (!expected.some((secret) => timingSafeEqual(given, secret))) return null
    return {
      address: header(EDGE_HEADERS.address) ?? sourceIp,
      host: header(EDGE_HEADERS.host) ?? '',
      // An edge that doesn't say is set up wrongly: count the request as in clear, so that no key passes for safe.
      secure: isSecure(header(proto) ?? 'http'),
    }
  }
}

// ---------------------------------------------------------------------------------------------

/**
 * Encrypted unless the edge says that the viewer came in clear: AWS's own endpoints speak TLS only.
 * @param proto protocol as the edge says it; of a list, the last entry is its own.
 */
const isSecure = (proto: string | undefined): boolean => {
  const last = proto?.split(',').at(-1)?.trim().toLowerCase()
  return last !== 'http' && last !== 'ws'
}

/** Hashed, so that both have one length. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
