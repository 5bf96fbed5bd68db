/** Routes of the operator's API. */
import { NewAdmin, NewTenant } from '../operator.ts'
import { MadeTenant, Tenants } from './answers.ts'
import { FAILURES, refused } from './replies.ts'
import { name, type Row, tell } from './route.ts'

name({ NewTenant, NewAdmin })
tell(NewTenant, 'A tenant, and its first user.', {
  slug: 'First label of the tenant’s host, and what a password login has behind the `@`.',
  name: 'What people call it; the slug, if it is left out.',
  admin: 'Its first user, who holds FULL_ADMIN. Without a password he gets a random one.',
})

tell(NewAdmin, 'The first user of a tenant.', {
  username: 'Letters, digits, `_`, `-` and `.`; not a `-` or `.` first.',
  full_name: 'The name of the person.',
  password: 'Known to who sends it, so it is not answered.',
})

const TENANT = { id: 2, slug: 'demo', name: 'Demo', created_at: '2026-11-23T00:00:00.000Z' }

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
    description: 'For the operator, with the scope `tenants:write`.',
    security: [{ operator: [] }],
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
      409: refused('The slug is taken.', ['conflict'], 'The slug demo is taken.'),
      413: 'TooLarge',
      ...REFUSALS,
    },
  },
]
