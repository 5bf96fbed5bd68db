/** ministack, started for the test: what the templates say differently, or not at all, for it; and where it
 * serves what they deploy. Each line says what and why. */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCertificate } from '../../local/certificate.ts'
import { startMinistack } from '../emulators/ministack.ts'
import type { Adaptation, Resource } from './assembly.ts'
import { serveIssuer } from './issuer.ts'
import { type Begin, caOf, LACKS } from './platform.ts'

export const beginMinistack: Begin = async (closers, folder) => {
  const certificate = await openCertificate(folder, '127.0.0.1')
  const issuer = await serveIssuer(closers, folder, certificate)
  const tls = { cert: certificate.path, key: join(folder, 'tls-key.pem') }
  const { endpoint, log } = await startMinistack(closers, { folder, tls })
  const ca = caOf(folder)
  await copyFile(certificate.path, ca)
  return {
    name: 'ministack',
    endpoint,
    ca,
    log,
    settings: { operatorJwksUrl: issuer.jwksUrl, channelBindings: certificate.binding },
    // The CDK command line makes connections of its own, and takes the latter.
    env: { NODE_EXTRA_CA_CERTS: ca, AWS_CA_BUNDLE: ca },
    adaptations: [
      dropRefused,
      dropContextConditions,
      addressByPath(endpoint),
      issuerByPath(endpoint),
      spellOutPunctuation,
    ],
    urls: (outputs) => urlsByPath(endpoint, outputs),
    operator: issuer,
    lacks: LACKS,
  }
}

type Refusal = {
  readonly refuses: (resource: Resource) => boolean
  /** What its CloudFormation says, or would. */
  readonly message: string
}

const unknown = (type: string, rest = ''): Refusal => ({
  refuses: ({ Type }) => Type === type,
  message: `"Template format error: Unrecognized resource types: [${type}]"${rest}`,
})

const REFUSED: readonly Refusal[] = [
  unknown('AWS::ApiGatewayV2::RouteResponse', '; sockets are answered without one'),
  unknown('AWS::CloudWatch::CompositeAlarm'),
  unknown('AWS::Logs::QueryDefinition'),
  {
    refuses: ({ Type, Properties }) =>
      Type === 'AWS::CloudWatch::Alarm' && Properties?.Metrics !== undefined,
    message: '"AWS::CloudWatch::Alarm Properties.Metrics (metric math) is not supported"',
  },
  {
    // The functions behind these take from Lambda's own images what this machine needn't have: the AWS
    // SDK, and a command line in /opt. So the site's bucket is there, and stays empty.
    refuses: ({ Type }) => /^Custom::(CDKBucketDeployment|S3AutoDeleteObjects)$/.test(Type),
    message: 'its function runs in Lambda’s own images only',
  },
]

/** Leaves out what its CloudFormation refuses; what names such a resource names nothing instead. */
export const dropRefused: Adaptation = (template) => {
  const { Resources } = template
  const refused = Object.entries(Resources).flatMap(([id, resource]) => {
    const refusal = REFUSED.find(({ refuses }) => refuses(resource))
    return refusal === undefined ? [] : [{ id, line: `${resource.Type} ${id}: ${refusal.message}` }]
  })
  for (const { id } of refused) delete Resources[id]
  const gone = new Set(refused.map(({ id }) => id))
  Object.assign(template, without(template, gone))
  return refused.map(({ line }) => `left out: ${line}`)
}

/** Its IAM, which is on, knows nothing of KMS's encryption context, of DynamoDB's keys and attributes, nor
 * of the principal's ARN: conditions on them never hold. Actions and resources it does judge. */
export const dropContextConditions: Adaptation = ({ Resources }) =>
  Object.entries(Resources).flatMap(([id, { Properties = {} }]) => {
    const { PolicyDocument, KeyPolicy } = Properties as Record<string, Policy | undefined>
    const statements = (PolicyDocument ?? KeyPolicy)?.Statement ?? []
    const dropped = statements.flatMap((statement) => {
      const { left, gone } = knownOf(statement.Condition ?? {})
      if (Object.keys(left).length > 0) statement.Condition = left
      else delete statement.Condition
      return gone
    })
    const keys = [...new Set(dropped)].sort().join(', ')
    return keys === '' ? [] : [`left out: conditions of ${id} on ${keys}, which never hold there`]
  })

/** `https://<api>.execute-api.<region>.<suffix>/<stage>` in the functions' environments, as the
 * address by path that this emulator has for it: those names don't lead to it. */
export const addressByPath =
  (endpoint: string): Adaptation =>
  ({ Resources }) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
      if (Type !== 'AWS::Lambda::Function') return []
      const { Variables = {} } = (Properties?.Environment ?? {}) as Environment
      return Object.entries(Variables).flatMap(([name, value]) => {
        const join = (value as Join)?.['Fn::Join']?.[1]
        const at = join?.indexOf('.execute-api.') ?? -1
        if (join === undefined || at < 1) return []
        const stage = join.at(-1)
        Variables[name] = {
          'Fn::Join': ['', [`${endpoint}/_aws/execute-api/`, join[at - 1], stage]],
        }
        return [`${name} of ${id} is an address by path: *.execute-api names lead to AWS`]
      })
    })

/** The functions behind the HTTP API are told where that is: the path is cut off before they are asked. */
export const issuerByPath =
  (endpoint: string): Adaptation =>
  ({ Resources }) =>
    Object.values(Resources).flatMap(({ Type, Properties = {} }) => {
      const { ApiId, IntegrationUri } = Properties as Integration
      const api = ApiId?.Ref ?? ''
      if (Type !== 'AWS::ApiGatewayV2::Integration' || !isHttpApi(Resources[api])) return []
      const id = IntegrationUri?.['Fn::GetAtt']?.[0] ?? ''
      const { Variables } = (Resources[id]?.Properties?.Environment ?? {}) as Environment
      if (Variables === undefined) return []
      const address = ['', [`${endpoint}/_aws/execute-api/`, { Ref: api }]]
      Object.assign(Variables, { KEYHARBOR_ISSUER: { 'Fn::Join': address } })
      return [`KEYHARBOR_ISSUER of ${id} is an address by path, which functions don't see there`]
    })

/** It makes up secrets with punctuation, commas too, whatever `ExcludePunctuation` says. */
export const spellOutPunctuation: Adaptation = ({ Resources }) =>
  Object.entries(Resources).flatMap(([id, { Properties }]) => {
    const asked = (Properties?.GenerateSecretString ?? {}) as Generated
    if (!asked.ExcludePunctuation) return []
    asked.ExcludeCharacters = `${asked.ExcludeCharacters ?? ''}${PUNCTUATION}`
    return [`${id} leaves punctuation out character by character`]
  })

/** Where the APIs of the outputs are: on its one listener, by path. */
export const urlsByPath = (
  endpoint: string,
  { SocketUrl, HttpUrl }: { readonly SocketUrl: string; readonly HttpUrl: string },
) => {
  const socket = new URL(SocketUrl)
  const path = (url: URL): string => `/_aws/execute-api/${url.hostname.split('.')[0]}`
  const https = `${endpoint}${path(new URL(HttpUrl))}`
  const wss = `${endpoint.replace(/^http/, 'ws')}${path(socket)}${socket.pathname}`
  return { https, wss }
}

// ---------------------------------------------------------------------------------------------

type Conditions = Record<string, Record<string, unknown>>
type Policy = { readonly Statement: { Condition?: Conditions }[] }
type Environment = { Variables?: Record<string, unknown> }
type Integration = {
  readonly ApiId?: { readonly Ref?: string }
  readonly IntegrationUri?: { readonly 'Fn::GetAtt'?: readonly string[] }
}
type Generated = { readonly ExcludePunctuation?: boolean; ExcludeCharacters?: string }
type Join = { readonly 'Fn::Join'?: readonly [string, readonly unknown[]] }

const isHttpApi = (resource: Resource | undefined): boolean =>
  resource?.Properties?.ProtocolType === 'HTTP'

/** As Secrets Manager has it (GetRandomPassword, `ExcludePunctuation`). */
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

const UNKNOWN = /^(kms:EncryptionContext:|dynamodb:|aws:PrincipalArn$)/

/** Conditions by operator, without those on keys that it doesn't know. */
const knownOf = (conditions: Conditions): { left: Conditions; gone: string[] } => {
  const all = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, values })),
  )
  const left: Conditions = {}
  for (const { operator, key, values } of all)
    if (!UNKNOWN.test(key)) left[operator] = { ...left[operator], [key]: values }
  return { left, gone: all.map(({ key }) => key).filter((key) => UNKNOWN.test(key)) }
}

/** A copy in which nothing refers to the resources that are gone. */
const without = (value: unknown, gone: ReadonlySet<string>): unknown => {
  if (Array.isArray(value)) return value.map((one) => without(one, gone))
  if (typeof value !== 'object' || value === null) return value
  const { Ref, 'Fn::GetAtt': attribute } = value as Record<string, unknown>
  const target = Ref ?? [attribute].flat()[0]
  if (typeof target === 'string' && gone.has(target.split('.')[0] ?? '')) return `no-${target}`
  const entries = Object.entries(value).map(([name, part]) => {
    if (name !== 'DependsOn') return [name, without(part, gone)]
    return [name, [part].flat().filter((id) => !gone.has(String(id)))]
  })
  return Object.fromEntries(entries)
}
