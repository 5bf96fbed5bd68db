/** What answers have in them. Members may be added to any of these: clients leave alone what they don't know. */
import * as z from 'zod'
import type { Answer } from '../answer.ts'
import { name } from './schemas.ts'

const Seconds = z.int().min(0)
const Bearer = z.literal('Bearer').describe('Always the same.')
const Roles = z.string().describe('Roles, separated by spaces.')

export const Inactive = z
  .object({ active: z.literal(false).describe('Whether the key is good.') })
  .describe('The key is not good, or not of the caller’s tenant: which, is not said.')

export const Active = z
  .object({
    active: z.literal(true).describe('Whether the key is good.'),
    client_id: z.string().describe('The id of the key.'),
    sub: z.string().describe('The number of the key’s user, in the caller’s tenant.'),
    username: z.string().nullable().describe('The name of the key’s user.'),
    scope: Roles,
    token_type: Bearer,
    iat: Seconds.describe('When the secret or the token was made, in seconds since 1970.'),
    exp: Seconds.exactOptional().describe(
      'When it ends, in seconds since 1970; never, if this is left out.',
    ),
  } satisfies Record<keyof Extract<Answer, { active: true }>, z.ZodType>)
  .describe('The key is good.')

export const Introspection = z.union([Inactive, Active]) satisfies z.ZodType<Answer>

export const Introspections = z.object({
  results: z.array(Introspection).describe('One for each token, in the order of the tokens.'),
})

const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/

export const SignedIntrospection = z
  .string()
  .regex(COMPACT)
  .describe(
    'A JWT of type token-introspection+jwt (RFC 9701), to be checked by the keys at /oauth2/jwks: the answer is its claim token_introspection.',
  )

export const AccessToken = z.object({
  access_token: z
    .string()
    .regex(COMPACT)
    .describe(
      'A JWT of type at+jwt (RFC 9068). Its `sub` is the tenant’s number, a dot, and the user’s.',
    ),
  token_type: Bearer,
  expires_in: z.int().min(1).max(300).describe('Seconds that it lives.'),
  scope: Roles,
})

export const KeySet = z.object({
  keys: z
    .array(
      z.object({
        kty: z.literal('EC').describe('Always the same.'),
        crv: z.literal('P-256').describe('Always the same.'),
        x: z.string().describe('Of the point, base64url.'),
        y: z.string().describe('Of the point, base64url.'),
        kid: z.string().describe('The id of the key, as tokens name it.'),
        use: z.literal('sig').describe('Always the same.'),
        alg: z.literal('ES256').describe('Always the same.'),
      }),
    )
    .describe('Public keys.'),
})

const Names = z.array(z.string())

export const Metadata = z.object({
  issuer: z.url().describe('What is `iss` in tokens and signed answers.'),
  jwks_uri: z.url().describe('Public keys.'),
  token_endpoint: z.url().describe('Where tokens are made.'),
  token_endpoint_auth_methods_supported: Names.describe('How a client proves itself there.'),
  introspection_endpoint: z.url().describe('Where keys and tokens are checked.'),
  introspection_endpoint_auth_methods_supported: Names.describe(
    'How a caller proves itself there.',
  ),
  introspection_signing_alg_values_supported: Names.describe('How signed answers are signed.'),
  revocation_endpoint: z.url().describe('Where the holder of a key ends it.'),
  revocation_endpoint_auth_methods_supported: Names.describe(
    'The key is proof enough there; another is looked at if it is sent.',
  ),
  grant_types_supported: Names.describe('Grants.'),
  response_types_supported: Names.describe('None: nobody is sent anywhere to log in.'),
  scopes_supported: Names.describe('Roles that the service gives a meaning to.'),
  subject_types_supported: Names.describe('One subject for all who ask.'),
  id_token_signing_alg_values_supported: Names.describe(
    'How everything is signed. There are no ID tokens: OpenID libraries want this to be here.',
  ),
  service_documentation: z.url().optional().describe('The documentation, where it is served.'),
})

export const Tenant = z.object({
  id: z.int().min(1).describe('The number of the tenant.'),
  slug: z.string().describe('First label of the tenant’s host.'),
  name: z.string().describe('What people call it.'),
  created_at: z.iso.datetime().describe('When it was made.'),
  suspended: z
    .boolean()
    .describe('Whether it is suspended: none of its keys passes, and nobody logs in.'),
})

export const Tenants = z.object({ tenants: z.array(Tenant).describe('All of them.') })

export const MadeTenant = Tenant.extend({
  admin: z
    .object({
      username: z.string().describe('The name of the first user.'),
      password: z
        .string()
        .optional()
        .describe('The random one, shown this once; left out if the request had one.'),
    })
    .describe('The tenant’s first user, who holds FULL_ADMIN.'),
})

export const Refusal = z
  .object({
    error: z.string().describe('A code, for programs.'),
    error_description: z.string().optional().describe('Why, for people to read.'),
  })
  .describe('A request that was not done (RFC 6749 §5.2).')

export const Health = z.object({ status: z.literal('ok').describe('Always the same.') })

const State = z.enum(['ok', 'unavailable'])
export const Readiness = z
  .object({
    status: State.describe('`ok` if all below are.'),
    table: State.describe('Whether the table can be read.'),
    kms: State.optional().describe(
      'Whether KMS opens a data key; left out where the table, which has the key, can’t be read.',
    ),
    close: State.optional().describe(
      'On one machine: whether sockets of what ended are closed within ten seconds.',
    ),
    tell: State.optional().describe('On one machine: the same of telling subscribers.'),
  })
  .describe('What the service needs, and whether it has it.')
export type Readiness = z.infer<typeof Readiness>

export const Versions = z
  .array(z.string())
  .describe('Versions of the API on the WebSocket, oldest first.')

export const Document = z
  .looseObject({
    openapi: z.string().describe('The version of OpenAPI.'),
    info: z
      .looseObject({ version: z.string().describe('The version of the service.') })
      .describe('What is described.'),
  })
  .describe('This document.')

name({ Inactive, Active, Introspection, Introspections, SignedIntrospection })
name({ AccessToken, KeySet, Metadata, Tenant, Tenants, MadeTenant })
name({ Refusal, Health, Readiness, Versions, Document })
