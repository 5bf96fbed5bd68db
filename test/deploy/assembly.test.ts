/** The copy of the assembly that an emulator gets: what it refuses is gone, and CDK uploads the rest. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adapt, stacksOf, type Template } from './assembly.ts'
import {
  addressByPath,
  dropContextConditions,
  dropRefused,
  issuerByPath,
  spellOutPunctuation,
  urlsByPath,
} from './ministack.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyharbor-assembly-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const dynamic = { 'Fn::Join': ['', ['https://', { Ref: 'Api' }, '.execute-api.', 'x', '/api']] }
const template = (): Template => ({
  Resources: {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: {} },
    Reply: { Type: 'AWS::ApiGatewayV2::RouteResponse', Properties: {} },
    Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics: [] } },
    Files: {
      Type: 'Custom::CDKBucketDeployment',
      Properties: { ServiceToken: { 'Fn::GetAtt': ['Socket', 'Arn'] } },
    },
    Board: {
      Type: 'AWS::CloudWatch::Dashboard',
      DependsOn: ['Alarm', 'Api'],
      Properties: { DashboardBody: { 'Fn::GetAtt': ['Alarm', 'Arn'] } },
    },
    Socket: {
      Type: 'AWS::Lambda::Function',
      Properties: { Environment: { Variables: { KEYHARBOR_CONNECTIONS_URL: dynamic } } },
    },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyDocument: {
          Statement: [
            { Condition: { StringEquals: { 'kms:EncryptionContext:service': 'keyharbor' } } },
            { Condition: { Null: { 'dynamodb:LeadingKeys': 'false', 'aws:SourceAccount': '1' } } },
            { Condition: { StringEquals: { 'aws:SourceAccount': '1' } } },
          ],
        },
      },
    },
  },
})

describe('for ministack', () => {
  it('what it refuses is left out by name, and nothing refers to it any more', () => {
    const adapted = template()
    const said = dropRefused(adapted)
    expect(said).toHaveLength(3)
    expect(said[0]).toContain('AWS::ApiGatewayV2::RouteResponse Reply')
    expect(Object.keys(adapted.Resources)).toEqual(['Api', 'Board', 'Socket', 'Policy'])
    expect(adapted.Resources.Board).toMatchObject({
      DependsOn: ['Api'],
      Properties: { DashboardBody: 'no-Alarm' },
    })
    expect(adapted.Resources.Socket).toEqual(template().Resources.Socket)
  })

  it('only the conditions that it doesn’t know are left out', () => {
    const adapted = template()
    expect(dropContextConditions(adapted)).toHaveLength(1)
    expect(adapted.Resources.Policy?.Properties).toEqual({
      PolicyDocument: {
        Statement: [
          {},
          { Condition: { Null: { 'aws:SourceAccount': '1' } } },
          { Condition: { StringEquals: { 'aws:SourceAccount': '1' } } },
        ],
      },
    })
  })

  it('gateways are addressed by path, by functions and by clients', () => {
    const adapted = template()
    expect(addressByPath('https://127.0.0.1:1')(adapted)).toHaveLength(1)
    expect(JSON.stringify(adapted.Resources.Socket)).toContain(
      '["https://127.0.0.1:1/_aws/execute-api/",{"Ref":"Api"},"/api"]',
    )
    const outputs = { SocketUrl: 'wss://abc.execute-api.x/api', HttpUrl: 'https://def.x' }
    expect(urlsByPath('https://127.0.0.1:1', outputs)).toEqual({
      https: 'https://127.0.0.1:1/_aws/execute-api/def',
      wss: 'wss://127.0.0.1:1/_aws/execute-api/abc/api',
    })
  })

  it('the functions behind the HTTP API, and no others, are told its address', () => {
    const resource = (Type: string, Properties: Record<string, unknown>) => ({ Type, Properties })
    const behind = (Ref: string, id: string) =>
      resource('AWS::ApiGatewayV2::Integration', {
        ApiId: { Ref },
        IntegrationUri: { 'Fn::GetAtt': [id, 'Arn'] },
      })
    const lambda = () => resource('AWS::Lambda::Function', { Environment: { Variables: {} } })
    const Resources = {
      Http: resource('AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP' }),
      Sockets: resource('AWS::ApiGatewayV2::Api', { ProtocolType: 'WEBSOCKET' }),
      ToHttp: behind('Http', 'Introspect'),
      ToSockets: behind('Sockets', 'Socket'),
      Introspect: lambda(),
      Socket: lambda(),
    }
    expect(issuerByPath('https://127.0.0.1:1')({ Resources })).toHaveLength(1)
    const KEYHARBOR_ISSUER = {
      'Fn::Join': ['', ['https://127.0.0.1:1/_aws/execute-api/', { Ref: 'Http' }]],
    }
    expect(Resources.Introspect.Properties.Environment).toEqual({ Variables: { KEYHARBOR_ISSUER } })
    expect(Resources.Socket).toEqual(lambda())
  })

  it('secrets without punctuation say which characters that is', () => {
    const secret = (GenerateSecretString: object) => ({
      Type: 'AWS::SecretsManager::Secret',
      Properties: { GenerateSecretString },
    })
    const Resources = {
      Any: secret({ PasswordLength: 8 }),
      Plain: secret({ ExcludePunctuation: true }),
    }
    expect(spellOutPunctuation({ Resources })).toHaveLength(1)
    const { ExcludeCharacters } = Resources.Plain.Properties.GenerateSecretString as {
      ExcludeCharacters?: string
    }
    const ascii = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at))
    expect([...(ExcludeCharacters ?? '')].sort()).toEqual(
      ascii.filter((one) => /[^0-9A-Za-z]/.test(one)).sort(),
    )
    expect(Resources.Any).toEqual(secret({ PasswordLength: 8 }))
  })
})

it('a template that was changed is uploaded under its new digest', async () => {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')]
  const old = 'a'.repeat(64)
  const files = {
    'manifest.json': {
      artifacts: {
        One: {
          type: 'aws:cloudformation:stack',
          properties: { templateFile: 'One.template.json', at: `s3://x/${old}.json` },
        },
        'One.assets': { type: 'cdk:asset-manifest', properties: {} },
      },
    },
    'One.assets.json': {
      files: { [`${old}-here`]: { source: { path: 'One.template.json' }, to: `${old}.json` } },
    },
    'One.template.json': template(),
  }
  await mkdir(from)
  for (const [name, content] of Object.entries(files))
    await writeFile(join(from, name), JSON.stringify(content))
  expect(await stacksOf(from)).toEqual([{ name: 'One', file: 'One.template.json' }])
  expect(await adapt(from, to, [dropRefused])).toHaveLength(3)
  const digest = createHash('sha256')
    .update(await readFile(join(to, 'One.template.json')))
    .digest('hex')
  for (const name of ['manifest.json', 'One.assets.json']) {
    const text = await readFile(join(to, name), 'utf8')
    expect(text).toContain(`${digest}.json`)
    expect(text).not.toContain(old)
  }
})
