import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, expect, test } from 'vitest'
import { type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth()
})

test.each(['$connect', '$disconnect', '$default'])('%s invokes the socket function', (routeKey) => {
  stack.service.hasResourceProperties('AWS::ApiGatewayV2::Route', {
    ApiId: { Ref: Match.stringLikeRegexp('^SocketApi') },
    RouteKey: routeKey,
  })
  stack.service.hasResourceProperties('AWS::Lambda::Permission', {
    FunctionName: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Socket'), 'Arn'] },
    Principal: 'apigateway.amazonaws.com',
    SourceArn: { 'Fn::Join': ['', Match.arrayWith([`/*${routeKey}`])] },
  })
})

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

test('HTTP has one route for everything, in payload format 2.0', () => {
  stack.service.hasResourceProperties('AWS::ApiGatewayV2::Route', {
    ApiId: { Ref: Match.stringLikeRegexp('^HttpApi') },
    RouteKey: '$default',
  })
  stack.service.hasResourceProperties('AWS::ApiGatewayV2::Integration', {
    IntegrationUri: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Http'), 'Arn'] },
    PayloadFormatVersion: '2.0',
  })
})
