import { App } from 'aws-cdk-lib'
import { expect, test } from 'vitest'
import { readSettings } from '../../cdk/settings.ts'

const settings = (given: Record<string, unknown>) =>
  readSettings(
    new App({
      context: Object.fromEntries(Object.entries(given).map(([k, v]) => [`keyharbor:${k}`, v])),
    }),
  )

const operator = {
  operatorJwksUrl: 'https://id.example/jwks',
  operatorIssuer: 'https://id.example',
}

test('nothing needs to be set: no operator API, no default tenant, no channel binding', () => {
  expect(settings({})).toEqual({
    login: {},
    operator: { KEYHARBOR_OPERATOR_AUDIENCE: 'keyharbor' },
  })
})

test('an operator is a JWKS URL, an issuer and an audience', () => {
  expect(settings({ ...operator, operatorAudience: 'fleet' }).operator).toEqual({
    KEYHARBOR_OPERATOR_JWKS_URL: 'https://id.example/jwks',
    KEYHARBOR_OPERATOR_ISSUER: 'https://id.example',
    KEYHARBOR_OPERATOR_AUDIENCE: 'fleet',
  })
})

test.each([
  ['a JWKS URL without an issuer', { operatorJwksUrl: operator.operatorJwksUrl }],
  ['an issuer without a JWKS URL', { operatorIssuer: operator.operatorIssuer }],
  ['a JWKS URL over http', { ...operator, operatorJwksUrl: 'http://id.example/jwks' }],
  ['a channel binding that is not base64', { channelBindings: 'sha256:00ff' }],
  ['a name with a slip in it', { operatorJwksURL: operator.operatorJwksUrl }],
  ['local mode', { local: '1' }],
])('%s fails the synth', (_, given) => {
  expect(() => settings(given)).toThrow(/^keyharbor:/)
})
