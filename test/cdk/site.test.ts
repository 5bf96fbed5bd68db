import { beforeAll, describe, expect, test } from 'vitest'
import { createKeyharbor } from '../../cdk/keyharbor.ts'
import { HSTS_SECONDS, PAGE_HEADERS, PUBLIC_FILE_HEADERS } from '../../shared/http/page-headers.ts'
import { isSitePath, PUBLIC_FILES, SITE_PATHS } from '../../shared/http/paths.ts'
import { distributionOf } from './distribution.ts'
import { app, type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth({ edge: true })
})

const properties = (type: string, name = '', of: Synthesised = stack): Record<string, unknown> => {
  const found = Object.entries(of.edge?.findResources(type) ?? {}).filter(([id]) =>
    id.startsWith(name),
  )
  expect(found).toHaveLength(1)
  return found[0]?.[1].Properties
}

test('without an edge there is no site, and none is built', () => {
  const build = () => {
    throw new Error('built')
  }
  expect(() => createKeyharbor(app(), build)).not.toThrow()
  expect(() => createKeyharbor(app({ edge: true }), build)).toThrow('built')
})

describe('paths', () => {
  test('are those of the local gateway, and come before the APIs’', () => {
    const { site, config } = distributionOf(stack)
    expect(site.map(({ PathPattern }) => PathPattern)).toEqual([...SITE_PATHS])
    expect(config.CacheBehaviors.slice(0, site.length)).toEqual(site)
  })

  test.each([
    ['/'],
    ['/ui'],
    ['/ui/'],
    ['/ui/assets/index-D4Fa.js'],
    ['/uix'],
    ['/api/docs'],
    ['/api/docs/v25.10.0/events/'],
    ['/api/docsx'],
    ['/api/current'],
    ['/api/versions'],
    ['/openrpc.json'],
    ['/openrpc.json/x'],
    ['/robots.txt'],
    ['/favicon.ico'],
    ['/404.html'],
  ])('%s is here what it is on one machine', (path) => {
    const { behaviourOf, originOf } = distributionOf(stack)
    expect(originOf(behaviourOf(path)).startsWith('Site.')).toBe(isSitePath(path))
  })

  test('can only be read, over https, compressed, by way of the function that knows the files', () => {
    for (const behaviour of distributionOf(stack).site) {
      // Pages of any origin may read some files: browsers ask by OPTIONS first, which the function answers.
      const isPublic = (PUBLIC_FILES as readonly unknown[]).includes(behaviour.PathPattern)
      expect(behaviour).toMatchObject({
        AllowedMethods: isPublic ? ['GET', 'HEAD', 'OPTIONS'] : ['GET', 'HEAD'],
        ViewerProtocolPolicy: 'redirect-to-https',
        Compress: true,
        FunctionAssociations: distributionOf(stack).apis[0]?.FunctionAssociations,
        CachePolicyId: { Ref: expect.stringContaining('KeepFiles') },
        ResponseHeadersPolicyId: {
          Ref: expect.stringContaining(isPublic ? 'DocumentHeaders' : 'PageHeaders'),
        },
      })
      // S3 needs nothing of what a viewer says.
      expect(behaviour).not.toHaveProperty('OriginRequestPolicyId')
    }
  })
})

test('a file is kept as long as it says, whatever the viewer sends, in both compressions', () => {
  expect(properties('AWS::CloudFront::CachePolicy', 'KeepFiles').CachePolicyConfig).toMatchObject({
    MinTTL: 1,
    MaxTTL: 31_536_000,
    ParametersInCacheKeyAndForwardedToOrigin: {
      CookiesConfig: { CookieBehavior: 'none' },
      HeadersConfig: { HeaderBehavior: 'none' },
      QueryStringsConfig: { QueryStringBehavior: 'none' },
      EnableAcceptEncodingBrotli: true,
      EnableAcceptEncodingGzip: true,
    },
  })
})

test('pages have the headers that they have on one machine, and HSTS', () => {
  const policy = properties(
    'AWS::CloudFront::ResponseHeadersPolicy',
    'PageHeaders',
  ).ResponseHeadersPolicyConfig
  const { SecurityHeadersConfig, CustomHeadersConfig, ...rest } = policy as Record<string, object>
  expect(Object.keys(rest).sort()).toEqual(['Comment', 'Name'])
  expect(SecurityHeadersConfig).toEqual({
    ContentSecurityPolicy: {
      ContentSecurityPolicy: PAGE_HEADERS['Content-Security-Policy'],
      Override: true,
    },
    ContentTypeOptions: { Override: true },
    FrameOptions: { FrameOption: PAGE_HEADERS['X-Frame-Options'], Override: true },
    ReferrerPolicy: { ReferrerPolicy: PAGE_HEADERS['Referrer-Policy'], Override: true },
    StrictTransportSecurity: { AccessControlMaxAgeSec: HSTS_SECONDS, Override: true },
  })
  // The one value that its setting has.
  expect(PAGE_HEADERS['X-Content-Type-Options']).toBe('nosniff')
  const own = new Set([
    'Content-Security-Policy',
    'X-Content-Type-Options',
    'X-Frame-Options',
    'Referrer-Policy',
  ])
  expect(CustomHeadersConfig).toEqual({
    Items: Object.entries(PAGE_HEADERS)
      .filter(([name]) => !own.has(name))
      .map(([Header, Value]) => ({ Header, Value, Override: true })),
  })
})

test('files that any page may read say so, and differ in nothing else', () => {
  const of = (name: string) =>
    properties('AWS::CloudFront::ResponseHeadersPolicy', name).ResponseHeadersPolicyConfig as {
      SecurityHeadersConfig: object
      CustomHeadersConfig: { Items: { Header: string; Value: string }[] }
      CorsConfig?: object
    }
  const [pages, documents] = [of('PageHeaders'), of('DocumentHeaders')]
  expect(pages.CorsConfig).toBeUndefined()
  expect(documents.CorsConfig).toEqual({
    AccessControlAllowCredentials: false,
    AccessControlAllowHeaders: { Items: ['*'] },
    AccessControlAllowMethods: { Items: ['GET', 'HEAD'] },
    AccessControlAllowOrigins: { Items: [PUBLIC_FILE_HEADERS['Access-Control-Allow-Origin']] },
    OriginOverride: true,
  })
  expect(documents.SecurityHeadersConfig).toEqual(pages.SecurityHeadersConfig)
  const changed = documents.CustomHeadersConfig.Items.filter(
    (item, at) => item.Value !== pages.CustomHeadersConfig.Items[at]?.Value,
  )
  expect(changed).toEqual([
    { Header: 'Cross-Origin-Resource-Policy', Value: 'cross-origin', Override: true },
  ])
})
