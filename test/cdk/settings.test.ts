import { describe, expect, test } from 'vitest'
import { readSettings } from '../../cdk/settings.ts'
import { app, synth } from './synth.ts'

const settings = (given: Record<string, unknown>) => readSettings(app(given))

const operator = {
  operatorJwksUrl: 'https://id.example/jwks',
  operatorIssuer: 'https://id.example',
}
const names = {
  domainNames: 'keys.example.com,*.keys.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0f5a',
}

test('nothing needs to be set', () => {
  expect(settings({})).toEqual({
    name: 'Keyharbor',
    retain: true,
    operatorAudience: 'keyharbor',
    operatorTokenSeconds: 7200,
    anonymousCallsPerMinute: 12_000,
    deviceChecksPerMinute: 12_000,
    tenantCallsPerMinute: 60_000,
    tenantChecksPerMinute: 60_000,
    checkTimeoutMs: 2000,
    edge: false,
    domainNames: [],
    edgeSecretVersions: [],
    handshakesPerAddress: 2000,
    requestsPerAddress: 60_000,
    requestsPerSecond: 5000,
    burst: 2500,
    logDays: 30,
    accessLogs: 'http',
    tracing: true,
    loginFailuresPer5Minutes: 100,
  })
})

test('on the command line all values are text', () => {
  expect(settings({ retain: 'false', edge: 'true', logDays: '7', burst: '10' })).toMatchObject({
    retain: false,
    edge: true,
    logDays: 7,
    burst: 10,
  })
})

test('names bring the edge', () => {
  expect(settings(names)).toMatchObject({
    edge: true,
    domainNames: ['keys.example.com', '*.keys.example.com'],
  })
})

test('another name is another deployment, with stacks and an alias of its own', () => {
  const { stacks, data } = synth({ name: 'Staging' })
  expect(Object.values(stacks).map(({ stackName }) => stackName)).toEqual(
    expect.arrayContaining(['StagingData', 'StagingService']),
  )
  data.hasResourceProperties('AWS::KMS::Alias', { AliasName: 'alias/staging' })
})

describe('a slip fails the synth and says which setting', () => {
  test.each([
    ['operatorIssuer', 'a JWKS URL without one', { operatorJwksUrl: operator.operatorJwksUrl }],
    ['operatorIssuer', 'none for a JWKS URL', { operatorIssuer: operator.operatorIssuer }],
    ['operatorJwksUrl', 'http', { ...operator, operatorJwksUrl: 'http://id.example/jwks' }],
    ['channelBindings', 'no base64', { channelBindings: 'sha256:00ff' }],
    ['operatorJwksURL', 'a name with a slip in it', { operatorJwksURL: 'https://id.example' }],
    ['local', 'local mode', { local: '1' }],
    ['edge', 'neither true nor false', { edge: 'yes' }],
    ['edge', 'off, with names', { ...names, edge: 'false' }],
    ['certificateArn', 'none for names', { domainNames: names.domainNames }],
    ['certificateArn', 'elsewhere', { ...names, certificateArn: 'arn:aws:acm:eu-west-1:1:x/y' }],
    ['domainNames', 'none for a certificate', { certificateArn: names.certificateArn }],
    ['domainNames', 'a URL', { ...names, domainNames: 'https://keys.example.com' }],
    ['logDays', 'what CloudWatch does not offer', { logDays: '31' }],
    ['requestsPerSecond', 'no number', { requestsPerSecond: 'many' }],
    ['alarmEmail', 'no address', { alarmEmail: 'ops' }],
    ['edgeSecretVersions', 'without an edge', { edgeSecretVersions: 'v'.repeat(32) }],
    ['name', 'what no stack may be called', { name: 'my keys' }],
  ])('%s: %s', (name, _, given) => {
    expect(() => settings(given)).toThrow(new RegExp(`^keyharbor:${name} `))
  })
})
