import { beforeAll, describe, expect, test } from 'vitest'
import { EDGE_HEADERS } from '../../functions/events/viewer.ts'
import { type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth({ edge: true })
})

type Behaviour = Record<string, unknown> & { PathPattern?: string; TargetOriginId: string }

const config = (of: Synthesised = stack) => {
  const [found] = Object.values(of.edge?.findResources('AWS::CloudFront::Distribution') ?? {})
  return found?.Properties.DistributionConfig as {
    DefaultCacheBehavior: Behaviour
    CacheBehaviors: Behaviour[]
    Origins: { Id: string; DomainName: unknown }[]
  } & Record<string, unknown>
}
const originOf = ({ TargetOriginId }: Behaviour): string =>
  stack.text(config().Origins.find(({ Id }) => Id === TargetOriginId)?.DomainName)

test('there is none unless it is asked for', () => {
  expect(Object.keys(synth().stacks)).not.toContain('edge')
})

describe('paths', () => {
  /** CloudFront's: the first pattern that fits. */
  const behaviourOf = (path: string): Behaviour =>
    config().CacheBehaviors.find(({ PathPattern = '' }) =>
      new RegExp(`^${PathPattern.replaceAll('*', '.*')}$`).test(path),
    ) ?? config().DefaultCacheBehavior

  test.each([
    ['/api/current', 'SocketApi', 'allow-all'],
    ['/api/v25.10.0', 'SocketApi', 'allow-all'],
    ['/api/versions', 'HttpApi', 'allow-all'],
    ['/oauth2/introspect', 'HttpApi', 'allow-all'],
    ['/v1/tenants', 'HttpApi', 'allow-all'],
    ['/healthz', 'HttpApi', 'redirect-to-https'],
    ['/', 'HttpApi', 'redirect-to-https'],
    ['/api/docs/', 'HttpApi', 'redirect-to-https'],
  ])('%s goes to %s, and plain http is %s', (path, origin, policy) => {
    const behaviour = behaviourOf(path)
    expect(originOf(behaviour)).toContain(`KeyharborService.`)
    expect(originOf(behaviour)).toContain(origin)
    expect(behaviour.ViewerProtocolPolicy).toBe(policy)
  })

  test('all pass the function, and nothing is kept', () => {
    for (const behaviour of [config().DefaultCacheBehavior, ...config().CacheBehaviors]) {
      expect(behaviour.FunctionAssociations).toEqual([
        expect.objectContaining({ EventType: 'viewer-request' }),
      ])
      expect(behaviour.AllowedMethods).toContain('POST')
    }
    stack.edge?.hasResourceProperties('AWS::CloudFront::CachePolicy', {
      CachePolicyConfig: {
        DefaultTTL: 0,
        MinTTL: 0,
        ParametersInCacheKeyAndForwardedToOrigin: {
          HeadersConfig: { Headers: ['Authorization', 'CloudFront-Forwarded-Proto'] },
        },
      },
    })
  })
})

test('origins are reached over TLS, with what the edge proves itself with', () => {
  for (const origin of config().Origins)
    expect(origin).toMatchObject({
      CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
      OriginCustomHeaders: [{ HeaderName: EDGE_HEADERS.secret }],
    })
  expect(JSON.stringify(config().Origins)).toContain('{{resolve:secretsmanager:')
})

test('the firewall bounds handshakes and requests of an address, and keeps no samples', () => {
  const [acl] = Object.values(stack.firewall?.findResources('AWS::WAFv2::WebACL') ?? {})
  const rules = acl?.Properties.Rules as { Name: string; Statement: Record<string, object> }[]
  expect(rules.map(({ Name, Statement }) => [Name, Statement.RateBasedStatement])).toEqual([
    ['Handshakes', expect.objectContaining({ Limit: 2000, AggregateKeyType: 'IP' })],
    ['Requests', expect.objectContaining({ Limit: 60_000, AggregateKeyType: 'IP' })],
  ])
  expect(JSON.stringify(acl)).not.toContain('"SampledRequestsEnabled":true')
  expect(stack.stacks.firewall?.region).toBe('us-east-1')
})

describe('with names of its own', () => {
  const names = {
    domainNames: 'keys.example.com,*.keys.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0f5a',
  }

  test('it has their certificate and TLS 1.2 at least', () => {
    expect(config(synth(names))).toMatchObject({
      Aliases: ['keys.example.com', '*.keys.example.com'],
      ViewerCertificate: {
        AcmCertificateArn: names.certificateArn,
        MinimumProtocolVersion: 'TLSv1.2_2021',
      },
    })
  })

  test('and makes them where it is told the zone', () => {
    const { edge } = synth({ ...names, hostedZoneId: 'Z0123' })
    edge?.resourceCountIs('AWS::Route53::RecordSet', 4)
    edge?.hasResourceProperties('AWS::Route53::RecordSet', {
      HostedZoneId: 'Z0123',
      Name: '*.keys.example.com.',
      Type: 'AAAA',
    })
  })
})
