import { beforeAll, describe, expect, test } from 'vitest'
import { EDGE_HEADERS } from '../../functions/events/viewer.ts'
import { type Behaviour, distributionOf } from './distribution.ts'
import { type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth({ edge: true })
})

const edge = () => distributionOf(stack)

test('there is none unless it is asked for', () => {
  expect(Object.keys(synth().stacks)).not.toContain('edge')
})

/** Id of AWS's own policy of that name, the same in all accounts. */
const ALL_VIEWER_EXCEPT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac'

describe('paths', () => {
  test.each([
    ['/api/current', 'SocketApi', 'allow-all'],
    ['/api/v25.10.0', 'SocketApi', 'allow-all'],
    ['/api/versions', 'HttpApi', 'allow-all'],
    ['/oauth2/introspect', 'HttpApi', 'allow-all'],
    ['/oauth2/token', 'HttpApi', 'allow-all'],
    ['/oauth2/jwks', 'HttpApi', 'allow-all'],
    ['/.well-known/oauth-authorization-server', 'HttpApi', 'redirect-to-https'],
    ['/.well-known/openid-configuration', 'HttpApi', 'redirect-to-https'],
    ['/v1/tenants', 'HttpApi', 'allow-all'],
    ['/healthz', 'HttpApi', 'redirect-to-https'],
    ['/', 'Site', 'redirect-to-https'],
    ['/ui', 'Site', 'redirect-to-https'],
    ['/ui/assets/index-D4Fa.js', 'Site', 'redirect-to-https'],
    ['/api/docs', 'Site', 'redirect-to-https'],
    ['/api/docs/v25.10.0/methods/', 'Site', 'redirect-to-https'],
    ['/openrpc.json', 'Site', 'redirect-to-https'],
    ['/robots.txt', 'Site', 'redirect-to-https'],
    ['/uix', 'HttpApi', 'redirect-to-https'],
  ])('%s goes to %s, and plain http is %s', (path, origin, policy) => {
    const behaviour = edge().behaviourOf(path)
    expect(edge().originOf(behaviour)).toContain(origin)
    expect(behaviour.ViewerProtocolPolicy).toBe(policy)
  })

  test('of each API they are few, and what is none of them is the HTTP API’s', () => {
    expect(edge().apis.map(({ PathPattern }) => PathPattern)).toEqual([
      '/api/versions',
      '/oauth2/*',
      '/v1/*',
      '/api/current',
      '/api/v*',
      undefined,
    ])
  })

  /** The headers that make a request its own, beside path, query and method. */
  const headersOf = ({ CachePolicyId }: Behaviour): string[] => {
    const { Ref } = CachePolicyId as { Ref: string }
    const policy = stack.edge?.findResources('AWS::CloudFront::CachePolicy')[Ref]
    const { MinTTL, DefaultTTL, MaxTTL, ParametersInCacheKeyAndForwardedToOrigin } =
      policy?.Properties.CachePolicyConfig ?? {}
    expect([MinTTL, DefaultTTL, MaxTTL]).toEqual([0, 0, 1])
    return ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig.Headers
  }

  test('all of the APIs pass the function, with all their headers but the host', () => {
    for (const behaviour of edge().apis) {
      expect(behaviour.FunctionAssociations).toEqual([
        expect.objectContaining({ EventType: 'viewer-request' }),
      ])
      expect(behaviour.AllowedMethods).toContain('POST')
      expect(behaviour.OriginRequestPolicyId).toBe(ALL_VIEWER_EXCEPT_HOST)
    }
  })

  test('nothing of theirs is kept, and no handshake is taken for another', () => {
    const passed = ['Authorization', 'CloudFront-Forwarded-Proto']
    for (const behaviour of edge().apis)
      expect(headersOf(behaviour)).toEqual(
        edge().originOf(behaviour).includes('SocketApi')
          ? [...passed, 'Sec-WebSocket-Key']
          : passed,
      )
  })

  test('nor is an error: by default CloudFront keeps those of servers for ten seconds', () => {
    expect(edge().config.CustomErrorResponses).toEqual(
      [500, 502, 503, 504].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })),
    )
  })
})

test('the service cannot take away what an edge stands on: its APIs, and the secret', () => {
  const imported = JSON.stringify(stack.edge?.toJSON()).match(/"Fn::ImportValue":"[^"]+"/g) ?? []
  for (const of of ['SocketApi', 'HttpApi', 'EdgeSecret'])
    expect(imported.some((one) => one.includes(`KeyharborService:ExportsOutputRef${of}`))).toBe(
      true,
    )
  expect(JSON.stringify(stack.edge?.toJSON())).not.toContain('"StackName":"KeyharborService"')
})

test('the APIs are reached over TLS, with what the edge proves itself with', () => {
  const apis = edge().config.Origins.filter(({ DomainName }) =>
    stack.text(DomainName).includes('Api'),
  )
  expect(apis).toHaveLength(2)
  for (const origin of apis)
    expect(origin).toMatchObject({
      CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
      OriginCustomHeaders: [{ HeaderName: EDGE_HEADERS.secret }],
    })
  expect(JSON.stringify(edge().config.Origins)).toContain('{{resolve:secretsmanager:')
})

test('the firewall bounds handshakes and requests of an address, and keeps no samples', () => {
  const [acl] = Object.values(stack.firewall?.findResources('AWS::WAFv2::WebACL') ?? {})
  const rules = acl?.Properties.Rules as { Name: string; Statement: Record<string, object> }[]
  expect(rules.map(({ Name, Statement }) => [Name, Statement.RateBasedStatement])).toEqual([
    ['Handshakes', expect.objectContaining({ Limit: 2000, AggregateKeyType: 'IP' })],
    ['Requests', expect.objectContaining({ Limit: 60_000, AggregateKeyType: 'IP' })],
  ])
  expect(rules.map(({ Statement }) => Statement.RateBasedStatement)).toEqual([
    expect.objectContaining({
      // Handshakes only: others have no such header.
      ScopeDownStatement: {
        SizeConstraintStatement: expect.objectContaining({
          FieldToMatch: { SingleHeader: { Name: 'sec-websocket-key' } },
          ComparisonOperator: 'GT',
          Size: 0,
        }),
      },
    }),
    expect.not.objectContaining({ ScopeDownStatement: expect.anything() }),
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
    expect(distributionOf(synth(names)).config).toMatchObject({
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
