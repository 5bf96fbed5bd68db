/** What an assembly deploys: read from templates that a test writes down. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readAssembly } from '../../../local/assembly/assembly.ts'
import { readDeployment } from '../../../local/assembly/deployment.ts'
import { folder } from '../kit.ts'
import { assemblyOf, type Template, WORLD } from './kit.ts'

const lambda = (variables: Record<string, unknown> = {}, more: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Bucket: 'any', S3Key: 'abc.zip' },
    Handler: 'index.handler',
    Environment: { Variables: variables },
    ...more,
  },
})
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] })
const route = (api: string, key: string, integration: string) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ApiId: { Ref: api },
    RouteKey: key,
    Target: { 'Fn::Join': ['', ['integrations/', { Ref: integration }]] },
  },
})
const integration = (uri: unknown) => ({
  Type: 'AWS::ApiGatewayV2::Integration',
  Properties: { IntegrationUri: uri },
})

/** Data and functions in two stacks, as the CDK app has them. */
const stacks = (service: Template['Resources'] = {}): Record<string, Template> => ({
  Data: {
    Resources: { TableCD117FA1: { Type: 'AWS::DynamoDB::GlobalTable' } },
    Outputs: { Table: { Value: { Ref: 'TableCD117FA1' } } },
  },
  Service: {
    Resources: {
      SocketFF70B135: lambda(
        {
          KEYHARBOR_TABLE: { 'Fn::GetStackOutput': { StackName: 'Data', OutputName: 'Table' } },
          NONE: { Ref: 'AWS::NoValue' },
        },
        { Timeout: 29, MemorySize: 1024 },
      ),
      Introspect36EFD62A: lambda(),
      Http36EFD62B: lambda(),
      Close5E42E65D: lambda(),
      Tell5E42E65E: lambda(),
      Sweep576358E8: lambda(),
      // Nothing calls it, and its variables mean nothing here.
      Custom576358E8: lambda({ X: { Ref: 'Nowhere' } }),
      Sockets: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'WEBSOCKET' } },
      Web: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
      ToSocket: integration({
        'Fn::Join': [
          '',
          ['arn:aws:apigateway:x/functions/', arn('SocketFF70B135'), '/invocations'],
        ],
      }),
      ToIntrospect: integration(arn('Introspect36EFD62A')),
      ToHttp: integration(arn('Http36EFD62B')),
      A: route('Sockets', '$connect', 'ToSocket'),
      B: route('Sockets', '$default', 'ToSocket'),
      C: route('Sockets', '$disconnect', 'ToSocket'),
      D: route('Web', 'ANY /oauth2/introspect', 'ToIntrospect'),
      E: route('Web', '$default', 'ToHttp'),
      Source: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: { Ref: 'Close5E42E65D' },
          BatchSize: 40,
          FilterCriteria: { Filters: [{ Pattern: '{"a":["b"]}' }] },
        },
      },
      OtherSource: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { FunctionName: { Ref: 'Tell5E42E65E' } },
      },
      Clock: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: { Target: { Arn: arn('Sweep576358E8') } },
      },
      ...service,
    },
  },
})

const read = async (service?: Template['Resources']) =>
  readDeployment(await assemblyOf(stacks(service)), WORLD)

describe('a deployment', () => {
  it('has the functions that something calls, and what calls them', async () => {
    const deployment = await read()
    expect(Object.keys(deployment.functions).sort()).toEqual(
      'Close Http Introspect Socket Sweep Tell'.split(' '),
    )
    expect(deployment).toMatchObject({
      socket: { $connect: 'Socket', $default: 'Socket', $disconnect: 'Socket' },
      http: { 'ANY /oauth2/introspect': 'Introspect', $default: 'Http' },
      streams: [
        { name: 'Close', batch: 40, patterns: [{ a: ['b'] }] },
        { name: 'Tell', batch: 100, patterns: [] },
      ],
      sweep: 'Sweep',
      socketApi: 'https://Sockets.execute-api.eu-west-1.amazonaws.com',
    })
  })

  it('gives each function what its template says, and CloudFormation’s defaults', async () => {
    const { functions } = await read()
    expect(functions.Socket).toMatchObject({
      functionName: 'Service-SocketFF70B135',
      bundle: expect.stringMatching(/asset\.abc$/),
      handler: 'index.handler',
      seconds: 29,
      memory: 1024,
      logGroup: '/aws/lambda/Service-SocketFF70B135',
      environment: { KEYHARBOR_TABLE: 'keys' },
    })
    expect(functions.Http).toMatchObject({ seconds: 3, memory: 128, environment: {} })
  })

  it.each([
    [
      { Http36EFD62B: lambda({ SECRET: '{{resolve:ssm:x}}' }) },
      "SECRET of the function Http: a dynamic reference can't be followed",
    ],
    [{ ToHttp: integration('arn:elsewhere') }, 'ToHttp calls no function of this assembly'],
    [{ C: route('Sockets', 'other', 'ToSocket') }, 'the WebSocket API has no route $disconnect'],
    [{ Web: { Type: 'AWS::SQS::Queue' } }, 'nothing for Ref of Web (AWS::SQS::Queue)'],
    [{ Clock: { Type: 'AWS::SQS::Queue' } }, 'there are 0 of AWS::Scheduler::Schedule'],
    [
      { Http36EFD62B: lambda({}, { Code: { S3Key: 'other.zip' } }) },
      'the assembly has no bundle of Http36EFD62B',
    ],
  ])('that cannot be run here says why: %#', async (service, message) => {
    await expect(read(service)).rejects.toThrow(message)
  })
})

it('a folder without an assembly is named', async () => {
  const path = await folder()
  await expect(readAssembly(path)).rejects.toThrow(
    `${join(path, 'manifest.json')} is no part of a CDK assembly`,
  )
})
