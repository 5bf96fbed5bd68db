/** The environment of a function: the template and nothing else, but what is said here. */
import { describe, expect, it } from 'vitest'
import { JWKS_URL, settingsFor } from '../../../local/bundled.ts'
import { createTrust, issueCredentials } from '../../../local/credentials.ts'
import { environmentOf, type StandIns } from '../../../local/runtime/environment.ts'
import { parseEnv } from '../../../shared/env.ts'
import { LAMBDA } from './kit.ts'

const template = {
  KEYHARBOR_TABLE: 'keyharbor',
  KEYHARBOR_KMS_KEY: 'arn:aws:kms:us-east-1:000000000000:key/1',
  KEYHARBOR_CONNECTIONS_URL: 'https://Sockets.execute-api.us-east-1.amazonaws.com/api',
  KEYHARBOR_OPERATOR_JWKS_URL: JWKS_URL,
  KEYHARBOR_DEFAULT_TENANT: 'demo',
}
const plan = {
  name: 'Socket',
  functionName: 'Keyharbor-Socket1',
  arn: 'arn:aws:lambda:us-east-1:000000000000:function:Keyharbor-Socket1',
  bundle: '/assembly/asset.1',
  handler: 'index.handler',
  seconds: 29,
  memory: 1024,
  logGroup: 'log',
  environment: template,
}
const standIns: StandIns = {
  endpoints: {
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:2',
  },
  addresses: new Map([
    [JWKS_URL, 'http://127.0.0.1:2/operator/jwks.json'],
    ['https://Sockets.execute-api.us-east-1.amazonaws.com', 'http://127.0.0.1:2'],
  ]),
  allowInsecure: false,
}
const credentials = {
  AWS_ACCESS_KEY_ID: 'ASIA1',
  AWS_SECRET_ACCESS_KEY: 's',
  AWS_SESSION_TOKEN: 't',
}
const given = (over: Partial<typeof standIns> = {}) =>
  environmentOf(plan, credentials, {
    region: 'us-east-1',
    api: '127.0.0.1:3/x',
    standIns: { ...standIns, ...over },
  })

describe('the environment', () => {
  it('differs from template and Lambda in four addresses, and in nothing else', () => {
    const differing = Object.entries(given()).filter(
      ([name, value]) => !LAMBDA.test(name) && template[name as keyof typeof template] !== value,
    )
    expect(Object.fromEntries(differing)).toEqual({
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:2',
      KEYHARBOR_CONNECTIONS_URL: 'http://127.0.0.1:2/api',
      KEYHARBOR_OPERATOR_JWKS_URL: 'http://127.0.0.1:2/operator/jwks.json',
    })
    for (const name of Object.keys(template)) expect(given()).toHaveProperty(name)
  })

  it('lets test rigs allow insecure use, which no deployment can', () => {
    const { KEYHARBOR_LOCAL, KEYHARBOR_ALLOW_INSECURE, ...rest } = given({ allowInsecure: true })
    expect([KEYHARBOR_LOCAL, KEYHARBOR_ALLOW_INSECURE]).toEqual(['1', '1'])
    expect(Object.keys(rest).sort()).toEqual(Object.keys(given()).sort())
  })

  it('has the issuer that the person at the terminal sets', () => {
    expect(given()).not.toHaveProperty('KEYHARBOR_ISSUER')
    const issuer = 'https://localhost:8443'
    expect(given({ issuer })).toMatchObject({ KEYHARBOR_ISSUER: issuer })
  })

  it('has what Lambda says of the function', () => {
    expect(given()).toMatchObject({
      AWS_ACCESS_KEY_ID: 'ASIA1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
      AWS_LAMBDA_FUNCTION_NAME: 'Keyharbor-Socket1',
      AWS_LAMBDA_RUNTIME_API: '127.0.0.1:3/x',
      LAMBDA_TASK_ROOT: '/assembly/asset.1',
      TZ: ':UTC',
    })
  })
})

it('credentials are of each function alone', () => {
  const trust = createTrust()
  const [one, other] = [issueCredentials(trust), issueCredentials(trust)]
  expect(one.AWS_ACCESS_KEY_ID).not.toBe(other.AWS_ACCESS_KEY_ID)
  expect(one.AWS_SECRET_ACCESS_KEY).not.toBe(other.AWS_SECRET_ACCESS_KEY)
})

describe('the settings of the deployment', () => {
  it('are what a deployer would give as CDK context', () => {
    expect(settingsFor(parseEnv({}), 'AAAA', {})).toEqual({
      'keyharbor:defaultTenant': 'demo',
      'keyharbor:channelBindings': 'AAAA',
      'keyharbor:operatorJwksUrl': JWKS_URL,
      'keyharbor:operatorIssuer': 'keyharbor-local',
      'keyharbor:operatorAudience': 'keyharbor',
      'keyharbor:operatorTokenSeconds': '2592000',
    })
  })

  it('have the limits that the person at the terminal sets', () => {
    const variables = {
      KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: '7',
      KEYHARBOR_TENANT_CALLS_PER_MINUTE: '70',
      KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: '8',
      KEYHARBOR_TENANT_CHECKS_PER_MINUTE: '9',
      KEYHARBOR_CHECK_TIMEOUT_MS: '1000',
    }
    expect(settingsFor(parseEnv(variables), 'AAAA', variables)).toMatchObject({
      'keyharbor:anonymousCallsPerMinute': '7',
      'keyharbor:tenantCallsPerMinute': '70',
      'keyharbor:deviceChecksPerMinute': '8',
      'keyharbor:tenantChecksPerMinute': '9',
      'keyharbor:checkTimeoutMs': '1000',
    })
  })
})
