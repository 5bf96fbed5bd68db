import { beforeAll, describe, expect, test } from 'vitest'
import { parseEnv } from '../../shared/env.ts'
import { FUNCTIONS, type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth({
    'keyharbor:operatorJwksUrl': 'https://id.example/jwks',
    'keyharbor:operatorIssuer': 'https://id.example',
    'keyharbor:defaultTenant': 'demo',
    'keyharbor:channelBindings': 'AAAA,BBBB',
  })
})

test('there are these functions and no others', () => {
  stack.template.resourceCountIs('AWS::Lambda::Function', FUNCTIONS.length)
})

test('logs are kept for a month', () => {
  stack.template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 })
  stack.template.resourceCountIs('AWS::Logs::LogGroup', FUNCTIONS.length)
})

describe.each(FUNCTIONS)('%s', (name) => {
  test('runs on Node.js 24 and arm64, with a log of its own', () => {
    expect(stack.properties(name)).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      LoggingConfig: { LogGroup: { Ref: expect.stringContaining(`${name}Log`) } },
    })
  })

  test('has an environment that it can parse, and nothing that it does not read', () => {
    const given = stack.environment(name)
    expect(Object.keys(parseEnv(given))).toEqual(expect.arrayContaining(Object.keys(given)))
  })

  test('is never in local mode nor lenient with insecure transport', () => {
    const given = Object.keys(stack.environment(name))
    expect(given).not.toContain('KEYHARBOR_LOCAL')
    expect(given).not.toContain('KEYHARBOR_ALLOW_INSECURE')
  })
})

test('environments are these: names, addresses and public digests, no secret', () => {
  const table = { KEYHARBOR_TABLE: 'Table' }
  const key = { KEYHARBOR_KMS_KEY: 'WrappingKey.Arn' }
  const push = {
    KEYHARBOR_CONNECTIONS_URL: 'https://SocketApi.execute-api.Region.URLSuffix/api',
  }
  expect(Object.fromEntries(FUNCTIONS.map((name) => [name, stack.environment(name)]))).toEqual({
    Socket: {
      ...table,
      ...key,
      ...push,
      KEYHARBOR_DEFAULT_TENANT: 'demo',
      KEYHARBOR_CHANNEL_BINDINGS: 'AAAA,BBBB',
    },
    Http: {
      ...table,
      ...key,
      KEYHARBOR_OPERATOR_JWKS_URL: 'https://id.example/jwks',
      KEYHARBOR_OPERATOR_ISSUER: 'https://id.example',
      KEYHARBOR_OPERATOR_AUDIENCE: 'keyharbor',
    },
    Fanout: { ...table, ...push },
    Sweep: table,
  })
})
