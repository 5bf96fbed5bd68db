/** How callers prove themselves, as OpenAPI says it. */
import { ROLES } from '../../domain/roles.ts'
import { GATEWAY_HEADER } from '../forward-auth.ts'

/** Schemes that must all be met, each with the roles or scopes that it takes. */
export type Security = Readonly<Partial<Record<keyof typeof SCHEMES, readonly string[]>>>

export const SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A raw key (id, hyphen, 64 characters), or an access token.',
  },
  basic: {
    type: 'http',
    scheme: 'basic',
    description:
      'A key as OAuth client: its id as name, its secret as password. The whole raw key as password is taken too.',
  },
  clientCredentials: {
    type: 'oauth2',
    description:
      'An access token for a key. It lives five minutes at the most, and proves its caller without a read of the table.',
    flows: {
      clientCredentials: {
        tokenUrl: '/oauth2/token',
        scopes: Object.fromEntries(
          ROLES.map((role) => [
            role,
            role === 'KEY_VALIDATE' ? 'May ask whether keys are good.' : 'As on TrueNAS.',
          ]),
        ),
      },
    },
  },
  gateway: {
    type: 'apiKey',
    in: 'header',
    name: GATEWAY_HEADER,
    description:
      'The gateway’s own proof, for the header Authorization is the visitor’s: `Bearer` and a key or an access token.',
  },
  operator: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'A token of the operator’s own issuer, with `tenants:read` or `tenants:write` in `scope`.',
  },
} as const

/** A key of a user who may ask about keys, in each way that it can be sent. */
export const BY_DEVICE: readonly Security[] = [
  { bearer: [] },
  { basic: [] },
  { clientCredentials: ['KEY_VALIDATE'] },
]
