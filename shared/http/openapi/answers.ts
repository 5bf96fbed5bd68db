/** What answers have in them. Members may be added to any of these: clients leave alone what they don't know. */
import * as z from 'zod'
import type { Answer } from '../answer.ts'
import { name } from './route.ts'

const Seconds = z.int().min(0)
const Roles = z.string().describe('Roles, separated by spaces.')

export const Inactive = z
  .object({ active: z.literal(false) })
  .describe('The key is not good, or not of the caller’s tenant: which, is not said.')

export const Active = z
  .object({
    active: z.literal(true),
    client_id: z.string().describe('The id of the key.'),
    sub: z.string().describe('The number of the key’s user.'),
    username: z.string().nullable().describe('The name of the key’s user.'),
    scope: Roles,
    token_type: z.literal('Bearer'),
    iat: Seconds.describe('When the secret or the token was made, in seconds since 1970.'),
    exp: Seconds.exactOptional().describe(
      'When it ends, in seconds since 1970; never, if it is left out.',
    ),
  })
  .describe('The key is good.')

export const Introspection = z.union([Inactive, Active]) satisfies z.ZodType<Answer>

export const Introspections = z.object({
  results: z.array(Introspection).describe('One for each token, in the order of the tokens.'),
})

export const SignedIntrospection = z
  .string()
  .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/)
  .describe(
    'A JWT of type token-introspection+jwt (RFC 9701), to be checked with the keys at /oauth2/jwks: the answer is its claim token_introspection.',
  )

export const Tenant = z.object({
  id: z.int().min(1),
  slug: z.string().describe('First label of the tenant’s host.'),
  name: z.string(),
  created_at: z.iso.datetime(),
})

export const Tenants = z.object({ tenants: z.array(Tenant) })

export const MadeTenant = Tenant.extend({
  admin: z
    .object({
      username: z.string(),
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

export const Health = z.object({ status: z.literal('ok') })

export const Versions = z
  .array(z.string())
  .describe('Versions of the API on the WebSocket, oldest first.')

export const Document = z
  .looseObject({ openapi: z.string(), info: z.looseObject({ version: z.string() }) })
  .describe('This document.')

name({
  Inactive,
  Active,
  Introspection,
  Introspections,
  SignedIntrospection,
  Tenant,
  Tenants,
  MadeTenant,
})
name({ Refusal, Health, Versions, Document })
