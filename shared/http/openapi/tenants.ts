/** Routes of the operator's API. */
import * as z from 'zod'
import { NewAdmin, NewTenant, TenantId } from '../operator.ts'
import { MadeTenant, Tenant, Tenants } from './answers.ts'
import { FAILURES, refused } from './replies.ts'
import type { Row } from './route.ts'
import { name, tell } from './schemas.ts'

name({ NewTenant, NewAdmin, TenantId })
tell(NewTenant, 'A tenant, and its first user.', {
  slug: 'First label of the tenant’s host, and what a password login has behind the `@`.',
  name: 'What people call it; the slug, if it is left out.',
  admin: 'Its first user, who holds FULL_ADMIN. Without a password they get a random one.',
})

tell(NewAdmin, 'The first user of a tenant.', {
  username: 'Letters, digits, `_`, `-` and `.`; not a `-` or `.` first.',
  full_name: 'The name of the person.',
  password: 'Known to who sends it, so it is not answered.',
})

tell(TenantId, 'Which tenant is meant.', { id: 'The number of the tenant.' })

const TENANT = {
  id: 2,
  slug: 'demo',
  name: 'Demo',
  created_at: '2026-11-23T00:00:00.000Z',
  suspended: false,
}

const REFUSALS = {
  401: refused(
    'The operator’s token is missing or not valid.',
    ['invalid_token'],
    'The token is not valid.',
    { headers: ['WWW-Authenticate'] },
  ),
  403: refused(
    'The token lacks the scope.',
    ['insufficient_scope'],
    'The token lacks the scope tenants:read.',
    { headers: ['WWW-Authenticate'] },
  ),
  404: refused('There is no API for an operator in this deployment.', ['not_found'], null),
  ...FAILURES,
} as const

const changing = (
  suspended: boolean,
  texts: Pick<Row, 'path' | 'operationId' | 'summary' | 'description'>,
): Row => ({
  ...texts,
  method: 'post',
  security: [{ operator: [] }],
  body: { type: 'application/json', schema: TenantId, example: { id: 2 } },
  replies: {
    200: {
      description: 'The tenant as it is now.',
      content: [{ type: 'application/json', schema: Tenant, example: { ...TENANT, suspended } }],
    },
    400: 'BadRequest',
    413: 'TooLarge',
    ...REFUSALS,
    404: refused(
      'There is no such tenant, or no API for an operator in this deployment.',
      ['not_found'],
      'There is no tenant 7.',
    ),
  },
})

export const TENANTS: readonly Row[] = [
  {
    method: 'get',
    path: '/v1/tenants',
    operationId: 'listTenants',
    summary: 'Lists the tenants',
    description: 'For the operator, with the scope `tenants:read`.',
    security: [{ operator: [] }],
    replies: {
      200: {
        description: 'All of them.',
        content: [{ type: 'application/json', schema: Tenants, example: { tenants: [TENANT] } }],
      },
      400: refused(
        'The request came over http.',
        ['invalid_request'],
        'This API takes https only.',
      ),
      ...REFUSALS,
    },
  },
  {
    method: 'post',
    path: '/v1/tenants',
    operationId: 'createTenant',
    summary: 'Makes a tenant',
    description:
      'For the operator, with the scope `tenants:write`. With a header `Idempotency-Key` a repeat within 24 hours makes nothing: it is answered as the first request was, unless that showed a random password, which is kept nowhere.',
    security: [{ operator: [] }],
    headers: z.object({
      'Idempotency-Key': z
        .string()
        .regex(/^("[ !#-[\]-~]{1,64}"|[!#-~][ -~]{0,63})$/)
        .optional()
        .describe(
          'A name for this request, of the caller’s making, such as a random one: 1 to 64 characters of ASCII, in quotes or without (draft-ietf-httpapi-idempotency-key-header).',
        ),
    }),
    body: {
      type: 'application/json',
      schema: NewTenant,
      example: { slug: 'demo', name: 'Demo', admin: { username: 'admin' } },
    },
    replies: {
      201: {
        description: 'It is made.',
        content: [
          {
            type: 'application/json',
            schema: MadeTenant,
            example: { ...TENANT, admin: { username: 'admin', password: '<a random password>' } },
          },
        ],
      },
      400: 'BadRequest',
      409: refused(
        'The slug is taken; or the request is a repeat of one whose answer showed a random password.',
        ['conflict', 'already_done'],
        'The slug demo is taken.',
      ),
      413: 'TooLarge',
      422: refused(
        'The Idempotency-Key belongs to an earlier request with another body.',
        ['idempotency_key_reused'],
        'The idempotency_key belongs to an earlier call with other parameters, and this call changed nothing. A new call takes a new one.',
      ),
      ...REFUSALS,
      500: refused(
        'A defect of the service; or the database did not say whether the tenant was made, nor could it be asked.',
        ['server_error', 'outcome_unknown'],
        'Internal error, reference 00000000-0000-0000-0000-000000000000',
      ),
    },
  },
  changing(true, {
    path: '/v1/tenants/suspend',
    operationId: 'suspendTenant',
    summary: 'Suspends a tenant',
    description:
      'For the operator, with the scope `tenants:write`. From the answer on none of its keys passes a check, nobody logs in, and those who are logged in can do nothing more; nothing is lost. One that is suspended stays so.',
  }),
  changing(false, {
    path: '/v1/tenants/resume',
    operationId: 'resumeTenant',
    summary: 'Lets a suspended tenant go on',
    description:
      'For the operator, with the scope `tenants:write`. Keys and users are as they were. A tenant that is not suspended stays so.',
  }),
]
