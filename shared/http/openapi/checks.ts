/** Routes of the check function: is this key good? */

import { Transport } from '../authenticate-and-check.ts'
import { ForwardAuthQuery } from '../forward-auth.ts'
import { IntrospectBatch, IntrospectForm } from '../introspect.ts'
import { RevokeForm } from '../revoke.ts'
import { Introspection, Introspections, SignedIntrospection } from './answers.ts'
import { LIMITS } from './headers.ts'
import { type Body, FAILURES, refused } from './replies.ts'
import type { Row } from './route.ts'
import { name, tell } from './schemas.ts'
import { BY_DEVICE } from './security.ts'

name({ Transport, IntrospectForm, IntrospectBatch, RevokeForm })

const ON_WHAT =
  'On what the caller received the key: `http` or `ws` revokes it, for it has been seen.'

const AS_CLIENT = {
  client_id: 'The id of the caller’s key, where there is no header Authorization.',
  client_secret: 'The secret of that key, or the whole key.',
}

tell(IntrospectForm, 'Parameters beside these are left alone (RFC 7662 §2.1).', {
  token: 'A raw key or an access token.',
  token_type_hint: 'Of no meaning here.',
  transport: ON_WHAT,
  ...AS_CLIENT,
})
tell(IntrospectBatch, 'Several keys at once.', {
  tokens: 'Raw keys or access tokens.',
  transport: ON_WHAT,
})
tell(ForwardAuthQuery, 'What the gateway wants of the visitor.', {
  scope: 'A role that the visitor must hold.',
  transport: 'On what the visitor came to the gateway: `http` or `ws` revokes their key.',
})
tell(RevokeForm, 'Parameters beside these are left alone.', {
  token: 'The raw key that is to end. It is its own proof.',
  token_type_hint: 'Of no meaning here.',
  ...AS_CLIENT,
})

const GOOD = {
  active: true,
  client_id: '7',
  sub: '3',
  username: 'backup',
  scope: 'SHARING_ADMIN',
  token_type: 'Bearer',
  iat: 1_795_392_000,
}

const json = (schema: Body['schema'], example: unknown): Body => ({
  type: 'application/json',
  schema,
  example,
})

const ASKING = {
  400: 'BadRequest',
  401: 'NotProven',
  403: 'RoleMissing',
  413: 'TooLarge',
  429: 'Limited',
  ...FAILURES,
} as const

export const CHECKS: readonly Row[] = [
  {
    method: 'post',
    path: '/oauth2/introspect',
    operationId: 'introspect',
    summary: 'Is this key good, whose is it, what may it do?',
    description:
      'Token introspection (RFC 7662), for a caller with the role KEY_VALIDATE: by Bearer, or as OAuth client by Basic or by `client_id` and `client_secret` in the form, one of them. A key that is not good, or is another tenant’s, is `{"active":false}` and nothing else. With `Accept: application/token-introspection+jwt` the answer is signed (RFC 9701).',
    security: [...BY_DEVICE, {}],
    body: {
      type: 'application/x-www-form-urlencoded',
      schema: IntrospectForm,
      example: { token: '<a raw key>', transport: 'https' },
    },
    replies: {
      200: {
        description: 'What there is to know of the key.',
        headers: LIMITS,
        content: [
          json(Introspection, GOOD),
          {
            type: 'application/token-introspection+jwt',
            schema: SignedIntrospection,
            example: 'HEADER.CLAIMS.SIGNATURE',
          },
        ],
      },
      ...ASKING,
    },
  },
  {
    method: 'post',
    path: '/v1/introspect',
    operationId: 'introspectBatch',
    summary: 'Are these keys good?',
    description:
      'Up to 100 keys in one request. Each counts as a check. The answers are those of `/oauth2/introspect`.',
    security: BY_DEVICE,
    body: json(IntrospectBatch, { tokens: ['<a raw key>', '<another one>'], transport: 'https' }),
    replies: {
      200: {
        description: 'What there is to know of each key.',
        headers: LIMITS,
        content: [json(Introspections, { results: [GOOD, { active: false }] })],
      },
      ...ASKING,
    },
  },
  {
    method: 'get',
    also: ['post', 'put', 'patch', 'delete', 'options'],
    path: '/v1/forward-auth',
    operationId: 'forwardAuth',
    summary: 'May this request pass?',
    description:
      'What a gateway asks before it lets a request through: nginx `auth_request`, Caddy `forward_auth`, Traefik ForwardAuth, Envoy `ext_authz`. The header Authorization is the visitor’s; the gateway, with the role KEY_VALIDATE, proves itself in Keyharbor-Authorization. It must drop what a visitor sends under the names of the headers below. Any method does, `PROPFIND` and the like too, for some gateways ask by the visitor’s; a body is not read. Of parameters only these are taken, each once: a slip in a name lets nobody in.',
    security: [
      { gateway: [], bearer: [] },
      { gateway: [], basic: [] },
    ],
    query: ForwardAuthQuery,
    replies: {
      200: {
        description: 'The visitor may pass. The headers say who it is; there is no body.',
        headers: [
          ...(['Keyharbor-Client', 'Keyharbor-Subject', 'Keyharbor-Username'] as const),
          'Keyharbor-Scope',
          ...LIMITS,
        ],
        maybe: ['Keyharbor-Username'],
      },
      400: 'BadRequest',
      401: refused(
        'The visitor’s key is missing, or it is not good.',
        ['invalid_token'],
        'The key is not valid.',
        { headers: ['WWW-Authenticate', ...LIMITS], maybe: LIMITS },
      ),
      403: refused(
        'The visitor lacks the role that `scope` names. Or the gateway’s own credential is refused: then Keyharbor-Error says so.',
        ['insufficient_scope', 'gateway_unauthorized'],
        "The key's user lacks the role SHARING_ADMIN.",
        {
          headers: ['WWW-Authenticate', 'Keyharbor-Error', ...LIMITS],
          maybe: ['WWW-Authenticate', 'Keyharbor-Error', ...LIMITS],
        },
      ),
      413: 'TooLarge',
      429: 'Limited',
      ...FAILURES,
    },
  },
  {
    method: 'post',
    path: '/oauth2/revoke',
    operationId: 'revoke',
    summary: 'Ends the key that is sent',
    description:
      'Token revocation (RFC 7009): the holder of a key ends it. The key is its own proof: a client that authenticates besides, as libraries do, must do it right. What is no good key is answered like one that was ended.',
    security: [{}, { basic: [] }],
    body: {
      type: 'application/x-www-form-urlencoded',
      schema: RevokeForm,
      example: { token: '<a raw key>' },
    },
    replies: {
      200: { description: 'The key has ended, or was no good one before. There is no body.' },
      400: refused(
        'The request is not as it must be, or what was sent is an access token: these end with their key.',
        ['invalid_request', 'unsupported_token_type'],
        'The parameter `token` is missing.',
      ),
      401: refused(
        'The client authenticates, which it need not, and not with a good key, or over plain http.',
        ['invalid_client'],
        'The client is not known, or its secret wrong.',
        { headers: ['WWW-Authenticate'] },
      ),
      413: 'TooLarge',
      ...FAILURES,
    },
  },
]
