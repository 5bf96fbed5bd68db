/** Routes of the authorization server: access tokens, and how others check what it signed. */
import { TokenForm } from '../token.ts'
import { AccessToken, KeySet, Metadata } from './answers.ts'
import { LIMITS } from './headers.ts'
import { FAILURES, refused } from './replies.ts'
import type { Row } from './route.ts'
import { name, tell } from './schemas.ts'

name({ TokenForm })
tell(TokenForm, 'The client credentials grant (RFC 6749 §4.4).', {
  grant_type: 'The only grant here.',
  scope: 'Roles, separated by single spaces: some of the user’s. All of them, if it is left out.',
  client_id: 'The id of the key, where Basic is not used.',
  client_secret: 'The secret of the key, or the whole key, where Basic is not used.',
})

/** The metadata, at one of its two addresses. */
const well = (name: string, operationId: string, description: string): Row => ({
  method: 'get',
  path: `/.well-known/${name}`,
  operationId,
  summary: 'What the authorization server can do, and where',
  description,
  security: [],
  replies: {
    200: {
      description: 'Addresses and abilities.',
      content: [
        {
          type: 'application/json',
          schema: Metadata,
          example: {
            issuer: 'https://keys.example',
            jwks_uri: 'https://keys.example/oauth2/jwks',
            token_endpoint: 'https://keys.example/oauth2/token',
            token_endpoint_auth_methods_supported: CLIENT,
            introspection_endpoint: 'https://keys.example/oauth2/introspect',
            introspection_endpoint_auth_methods_supported: ['Bearer', ...CLIENT],
            introspection_signing_alg_values_supported: ['ES256'],
            revocation_endpoint: 'https://keys.example/oauth2/revoke',
            revocation_endpoint_auth_methods_supported: ['none', ...CLIENT],
            grant_types_supported: ['client_credentials'],
            response_types_supported: [],
            scopes_supported: ['KEY_VALIDATE'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['ES256'],
          },
        },
      ],
    },
  },
})

const CLIENT = ['client_secret_basic', 'client_secret_post']

export const TOKENS: readonly Row[] = [
  {
    method: 'post',
    path: '/oauth2/token',
    operationId: 'token',
    summary: 'An access token for a key',
    description:
      'The client is a key, by Basic or by `client_id` and `client_secret` in the form. The token is a JWT (RFC 9068) that lives five minutes at the most, and never longer than its key. Each request counts as one of the key’s own checks.',
    security: [{ basic: [] }, {}],
    body: {
      type: 'application/x-www-form-urlencoded',
      schema: TokenForm,
      example: { grant_type: 'client_credentials', scope: 'KEY_VALIDATE' },
    },
    replies: {
      200: {
        description: 'The token.',
        headers: LIMITS,
        content: [
          {
            type: 'application/json',
            schema: AccessToken,
            example: {
              access_token: 'HEADER.CLAIMS.SIGNATURE',
              token_type: 'Bearer',
              expires_in: 300,
              scope: 'KEY_VALIDATE',
            },
          },
        ],
      },
      400: refused(
        'The request is not as it must be, or asks for a role that the user lacks.',
        ['invalid_request', 'unsupported_grant_type', 'invalid_scope'],
        'The parameter `grant_type` is missing.',
        { headers: LIMITS, maybe: LIMITS },
      ),
      401: refused(
        'The key is missing, wrong, expired or revoked, or it came over plain http.',
        ['invalid_client'],
        'The client is not known, or its secret wrong.',
        { headers: ['WWW-Authenticate', ...LIMITS], maybe: LIMITS },
      ),
      413: 'TooLarge',
      429: 'Limited',
      ...FAILURES,
    },
  },
  {
    method: 'get',
    path: '/oauth2/jwks',
    operationId: 'jwks',
    summary: 'The public keys of the service',
    description:
      'By which access tokens and signed answers are checked (RFC 7517). May be kept for as long as Cache-Control says: a key is published a day before it signs.',
    security: [],
    replies: {
      200: {
        description: 'The keys that sign, will sign or did until a day ago.',
        content: [
          {
            type: 'application/jwk-set+json',
            schema: KeySet,
            example: {
              keys: [
                { kty: 'EC', crv: 'P-256', x: '…', y: '…', kid: '…', use: 'sig', alg: 'ES256' },
              ],
            },
          },
        ],
      },
      ...FAILURES,
    },
  },
  well('oauth-authorization-server', 'metadata', 'RFC 8414.'),
  well(
    'openid-configuration',
    'openidConfiguration',
    'The same document, for clients that look only there (OpenID Connect Discovery 1.0). Nobody gets an ID token here.',
  ),
]
