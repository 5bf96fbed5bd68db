import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, expect, test } from 'vitest'
import { type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth()
})

/** `API RouteKey → function`, each route followed through its integration; and what may invoke it. */
const wired = (): { route: string; allowed: boolean }[] => {
  const of = (type: string) => stack.service.findResources(`AWS::${type}`)
  const permissions = Object.values(of('Lambda::Permission')).map(({ Properties }) => ({
    fn: stack.text(Properties.FunctionName),
    from: stack.text(Properties.SourceArn),
  }))
  return Object.values(of('ApiGatewayV2::Route')).map(({ Properties: route }) => {
    const [api, target] = [stack.text(route.ApiId), route.Target['Fn::Join'][1].at(-1).Ref]
    const integration = of('ApiGatewayV2::Integration')[target]
    const uri = stack.text(integration?.Properties.IntegrationUri)
    const fn = /(\w+)\.Arn/.exec(uri)?.[1] ?? uri
    return {
      route: `${api} ${route.RouteKey} → ${fn}`,
      allowed: permissions.some((one) => one.fn === `${fn}.Arn` && one.from.includes(`:${api}/`)),
    }
  })
}

test('a frame is answered with what the function returns', () => {
  const routes = stack.service.findResources('AWS::ApiGatewayV2::Route', {
    Properties: { RouteKey: '$default', RouteResponseSelectionExpression: '$default' },
  })
  const [id] = Object.keys(routes)
  expect(id).toMatch(/^SocketApi/)
  stack.service.hasResourceProperties('AWS::ApiGatewayV2::RouteResponse', {
    RouteId: { Ref: id },
    RouteResponseKey: '$default',
  })
})

test('sockets have one stage, so that one address reaches them all', () => {
  const stages = stack.service.findResources('AWS::ApiGatewayV2::Stage', {
    Properties: { ApiId: { Ref: Match.stringLikeRegexp('^SocketApi') } },
  })
  expect(Object.values(stages).map(({ Properties }) => Properties.StageName)).toEqual(['api'])
})

test('each route leads to its function, which API Gateway may invoke', () => {
  const routes = wired()
  const why =
    'a route of shared/http/app.ts stands in cdk/ too, with the function that answers it, and here'
  expect(routes.map(({ route }) => route).sort(), why).toEqual([
    'HttpApi $default → Http',
    'HttpApi ANY /oauth2/introspect → Introspect',
    'HttpApi ANY /oauth2/jwks → Introspect',
    'HttpApi ANY /oauth2/revoke → Introspect',
    'HttpApi ANY /oauth2/token → Introspect',
    'HttpApi ANY /readyz → Introspect',
    'HttpApi ANY /v1/forward-auth → Introspect',
    'HttpApi ANY /v1/introspect → Introspect',
    'SocketApi $connect → Socket',
    'SocketApi $default → Socket',
    'SocketApi $disconnect → Socket',
  ])
  expect(routes.filter(({ allowed }) => !allowed)).toEqual([])
})

test('HTTP comes in payload format 2.0', () => {
  const formats = Object.values(stack.service.findResources('AWS::ApiGatewayV2::Integration'))
    .filter(({ Properties }) => stack.text(Properties.ApiId) === 'HttpApi')
    .map(({ Properties }) => Properties.PayloadFormatVersion)
  expect(formats).toEqual(['2.0', '2.0'])
})
