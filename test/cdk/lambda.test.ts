import { beforeAll, describe, expect, test } from 'vitest'
import { parseEnv } from '../../shared/env.ts'
import { FUNCTIONS, type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth({
    operatorJwksUrl: 'https://id.example/jwks',
    operatorIssuer: 'https://id.example',
    defaultTenant: 'demo',
    channelBindings: 'AAAA,BBBB',
  })
})

test('there are these functions and no others', () => {
  stack.service.resourceCountIs('AWS::Lambda::Function', FUNCTIONS.length)
})

test('logs are kept for a month', () => {
  stack.service.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 })
  // And that of the HTTP API.
  stack.service.resourceCountIs('AWS::Logs::LogGroup', FUNCTIONS.length + 1)
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
  const table = { KEYHARBOR_DEPLOYMENT: 'Keyharbor', KEYHARBOR_TABLE: 'Table' }
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
      KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: '12000',
      KEYHARBOR_TENANT_CALLS_PER_MINUTE: '60000',
    },
    Introspect: {
      ...table,
      ...key,
      KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: '12000',
      KEYHARBOR_TENANT_CHECKS_PER_MINUTE: '60000',
      KEYHARBOR_CHECK_TIMEOUT_MS: '2000',
    },
    Http: {
      ...table,
      ...key,
      KEYHARBOR_OPERATOR_JWKS_URL: 'https://id.example/jwks',
      KEYHARBOR_OPERATOR_TOKEN_SECONDS: '7200',
      KEYHARBOR_OPERATOR_ISSUER: 'https://id.example',
      KEYHARBOR_OPERATOR_AUDIENCE: 'keyharbor',
    },
    Close: { ...table, ...push },
    Tell: { ...table, ...push },
    Sweep: { ...table, ...key },
  })
})

test('functions share what the account has, unless they are given some of it', () => {
  const of = (stack: ReturnType<typeof synth>, name: (typeof FUNCTIONS)[number]) =>
    stack.properties(name).ReservedConcurrentExecutions
  for (const name of FUNCTIONS) expect(of(stack, name)).toBeUndefined()
  const apart = synth({ introspectConcurrency: 400, socketConcurrency: '200' })
  expect(FUNCTIONS.map((name) => of(apart, name))).toEqual([
    200,
    400,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('what the service signs says the first of its names, and without names the host that is asked for', () => {
  const named = synth({
    domainNames: '*.keys.example.com,keys.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0f5a',
  })
  for (const name of ['Introspect', 'Http'] as const)
    expect(named.environment(name).KEYHARBOR_ISSUER).toBe('https://keys.example.com')
  expect(named.environment('Socket')).not.toHaveProperty('KEYHARBOR_ISSUER')
  expect(synth({ edge: true }).environment('Http')).not.toHaveProperty('KEYHARBOR_ISSUER')
})

test('behind an edge, what it proves itself with comes by reference, and its word on the protocol counts', () => {
  const behind = synth({ edge: true })
  for (const name of ['Socket', 'Introspect', 'Http'] as const)
    expect(behind.environment(name)).toMatchObject({
      KEYHARBOR_EDGE_SECRET: '{{resolve:secretsmanager:EdgeSecret:SecretString:::}}',
      KEYHARBOR_PROTO_HEADER: 'cloudfront-forwarded-proto',
    })
})

test('while what the edge proves itself with is changed, functions take both and the edge sends the last', () => {
  const [before, next] = ['a'.repeat(36), 'b'.repeat(36)]
  const changing = synth({ edge: true, edgeSecretVersions: `${before},${next}` })
  const reference = (version: string) =>
    `{{resolve:secretsmanager:EdgeSecret:SecretString:::${version}}}`
  expect(changing.environment('Socket').KEYHARBOR_EDGE_SECRET).toBe(
    `${reference(before)},${reference(next)}`,
  )
  const origins = JSON.stringify(changing.edge?.findResources('AWS::CloudFront::Distribution'))
  expect(origins).toContain(next)
  expect(origins).not.toContain(before)
})
