/**
 * One host for everything: CloudFront before both APIs and the site. Only here can a key in clear text
 * be seen, so the API's paths take plain http and ws, and tell the functions; all other paths redirect to
 * https.
 */
import { join } from 'node:path'
import {
  CfnOutput,
  CrossStackReferences,
  Duration,
  ReferenceStrength,
  RemovalPolicy,
  Stack,
  Validations,
} from 'aws-cdk-lib'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import {
  AllowedMethods,
  type BehaviorOptions,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53'
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { CALL_MS } from '../shared/limits/calls.ts'
import { createFirewall } from './firewall.ts'
import type { Service } from './service.ts'
import { hostOf, type Settings } from './settings.ts'
import { createSite } from './site.ts'
import { deployFiles } from './site-files.ts'

/** Paths on which clients speak to the API: what comes in clear is let in, seen and punished. */
const SOCKETS = ['/api/current', '/api/v*']
/** Before the sockets, as the site's are: CloudFront takes the first pattern that matches. */
const HTTP = ['/api/versions', '/oauth2/*', '/v1/*']

type Needs = {
  readonly service: Service
  /** Folder of the site's files. */
  readonly site: string
}

export const createEdge = (scope: Construct, settings: Settings, { service, site }: Needs) => {
  const firewall = createFirewall(scope, settings)
  const stack = new Stack(scope, `${settings.name}Edge`, {
    description: 'Keyharbor: one host before its APIs',
  })
  stack.addStackDependency(firewall.stack)
  // While there is an edge, CloudFormation refuses to remove what it needs from the service. Otherwise a deployment
  // that forgot its settings would leave an edge that the functions don't know, and requests in clear through it would
  // count as encrypted.
  CrossStackReferences.of(stack).consume(ReferenceStrength.STRONG)
  const rewrite = createRewrite(stack)
  const origin = (host: string) =>
    new HttpOrigin(host, {
      protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [OriginSslPolicy.TLS_V1_2],
      // An answer that API Gateway waits for gets through.
      readTimeout: Duration.millis(CALL_MS + 1000),
      customHeaders: { 'x-keyharbor-edge': service.edgeSecret?.sent ?? '' },
    })
  const sockets = origin(service.socketApi.host)
  const http = origin(service.httpApi.host)
  const toHttp = behaviour(rewrite, keepNothing(stack, 'KeepNothing'))
  // Each handshake has a key of its own, so that none is answered from another's cache entry.
  const toSockets = behaviour(rewrite, keepNothing(stack, 'KeepNoSocket', 'Sec-WebSocket-Key'))
  const inClearToo = { viewerProtocolPolicy: ViewerProtocolPolicy.ALLOW_ALL }
  const pages = createSite(stack, settings, rewrite)
  const { domainNames, certificateArn } = settings

  const distribution = new Distribution(stack, 'Distribution', {
    comment: settings.name,
    httpVersion: HttpVersion.HTTP2_AND_3,
    webAclId: firewall.arn,
    ...(certificateArn !== undefined && {
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      domainNames,
      certificate: Certificate.fromCertificateArn(stack, 'Certificate', certificateArn),
    }),
    logBucket: createLogBucket(stack, settings),
    logIncludesCookies: false,
    // By default CloudFront caches these for 10 s whatever their headers say, and would answer others with them.
    errorResponses: [500, 502, 503, 504].map((httpStatus) => ({
      httpStatus,
      ttl: Duration.seconds(0),
    })),
    defaultBehavior: {
      ...toHttp,
      origin: http,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    },
    additionalBehaviors: Object.fromEntries([
      ...pages.behaviours,
      ...HTTP.map((path) => [path, { ...toHttp, ...inClearToo, origin: http }]),
      ...SOCKETS.map((path) => [path, { ...toSockets, ...inClearToo, origin: sockets }]),
    ]),
  })
  acknowledge(distribution, certificateArn !== undefined)
  deployFiles(stack, settings, { folder: site, bucket: pages.bucket, distribution })
  if (settings.hostedZoneId !== undefined) createNames(stack, settings, distribution)

  const host = hostOf(settings) ?? distribution.domainName
  new CfnOutput(stack, 'Url', { description: 'For HTTP', value: `https://${host}` })
  new CfnOutput(stack, 'TrueNasUrl', {
    description: 'For TrueNAS clients',
    value: `wss://${host}/api/current`,
  })
  return { stack, firewall: firewall.stack }
}

// ---------------------------------------------------------------------------------------------

const createRewrite = (stack: Stack): EdgeFunction =>
  new EdgeFunction(stack, 'Rewrite', {
    comment: 'Paths of sockets to stage and version; who the viewer is',
    code: FunctionCode.fromFile({
      filePath: join(import.meta.dirname, '..', 'functions', 'edge.js'),
    }),
    runtime: FunctionRuntime.JS_2_0,
  })

/** Everything is handed on but the name that the origin routes by. */
const behaviour = (rewrite: EdgeFunction, cachePolicy: CachePolicy) =>
  ({
    allowedMethods: AllowedMethods.ALLOW_ALL,
    compress: false,
    cachePolicy,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    functionAssociations: [{ function: rewrite, eventType: FunctionEventType.VIEWER_REQUEST }],
  }) satisfies Partial<BehaviorOptions>

/**
 * A policy that can keep nothing at all can't name headers, and Authorization passes only if it is named;
 * so does the viewer's protocol, which a policy of "all viewer headers" leaves out.
 */
const keepNothing = (stack: Stack, name: string, ...headers: string[]): CachePolicy =>
  new CachePolicy(stack, name, {
    comment: 'Keeps nothing that does not ask for it; hands on what decides about keys',
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.seconds(0),
    maxTtl: Duration.seconds(1),
    headerBehavior: CacheHeaderBehavior.allowList(
      'Authorization',
      'CloudFront-Forwarded-Proto',
      ...headers,
    ),
    queryStringBehavior: CacheQueryStringBehavior.all(),
    cookieBehavior: CacheCookieBehavior.none(),
  })

/** Who asked for what, and what they got. Paths and queries hold no secret: keys come in bodies. */
const createLogBucket = (stack: Stack, { logDays, retain }: Settings): IBucket => {
  const bucket = new Bucket(stack, 'Log', {
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    // CloudFront writes by ACL.
    objectOwnership: ObjectOwnership.OBJECT_WRITER,
    lifecycleRules: [{ expiration: Duration.days(logDays) }],
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'It holds access logs. Logging who reads them is the work of CloudTrail.',
  })
  return bucket as IBucket
}

const createNames = (stack: Stack, settings: Settings, distribution: Distribution): void => {
  const { hostedZoneId = '', domainNames } = settings
  // Records are named in full, so the zone's own name is of no use.
  const zone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId, zoneName: '' })
  const target = RecordTarget.fromAlias(new CloudFrontTarget(distribution))
  for (const name of domainNames) {
    const record = { zone, target, recordName: `${name}.` }
    new ARecord(stack, `Ipv4 ${name}`, record)
    new AaaaRecord(stack, `Ipv6 ${name}`, record)
  }
}

const acknowledge = (distribution: Distribution, certified: boolean): void => {
  Validations.of(distribution).acknowledge({
    id: 'AwsSolutions-CFR1',
    reason: 'Fleets are anywhere: no country is shut out.',
  })
  Validations.of(distribution).acknowledge({
    id: 'AwsSolutions-CFR4',
    reason: certified
      ? 'Plain http and ws are let in on the API paths, so that keys used in clear are seen and revoked; TLS is 1.2 or later.'
      : "Without a name of its own the distribution has CloudFront's certificate, with which AWS fixes the TLS versions. Plain http and ws are let in on the API paths, so that keys used in clear are seen and revoked.",
  })
}
