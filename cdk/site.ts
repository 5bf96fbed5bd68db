/** The site at the edge: files in a bucket that only the distribution reads, with the headers of our
 * pages. A file that isn't there is S3's 404, as plain as it comes. */
import { Annotations, Duration, RemovalPolicy, type Stack, Validations } from 'aws-cdk-lib'
import {
  AccessLevel,
  AllowedMethods,
  type BehaviorOptions,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  type Function as EdgeFunction,
  FunctionEventType,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3'
import {
  HSTS_SECONDS,
  PAGE_HEADERS,
  type PageHeaders,
  PUBLIC_FILE_HEADERS,
} from '../shared/http/page-headers.ts'
import { PUBLIC_FILES, SITE_PATHS } from '../shared/http/paths.ts'
import type { Settings } from './settings.ts'

/** @param rewrite finds the file that a path stands for. */
export const createSite = (stack: Stack, settings: Settings, rewrite: EdgeFunction) => {
  const bucket = createSiteBucket(stack, settings)
  const pages: BehaviorOptions = {
    // Without the right to list, S3 answers 403 for a missing file. An error page of ours isn't possible: it would hold
    // for the whole distribution, and replace the API's answers too. Only the path `/` lists, which the function
    // redirects.
    origin: S3BucketOrigin.withOriginAccessControl(bucket as IBucket, {
      originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
    }),
    viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
    compress: true,
    cachePolicy: keepFiles(stack),
    responseHeadersPolicy: pageHeaders(stack, 'PageHeaders', PAGE_HEADERS),
    functionAssociations: [{ function: rewrite, eventType: FunctionEventType.VIEWER_REQUEST }],
  }
  Annotations.of(stack).acknowledgeWarning(
    '@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk',
    'No path of the site that reaches S3 lists it, and all that is in it is for everybody.',
  )
  const documents: BehaviorOptions = {
    ...pages,
    // The function answers OPTIONS.
    allowedMethods: AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
    responseHeadersPolicy: pageHeaders(stack, 'DocumentHeaders', PUBLIC_FILE_HEADERS),
  }
  const isDocument = (path: string) => (PUBLIC_FILES as readonly string[]).includes(path)
  return {
    bucket: bucket as IBucket,
    behaviours: SITE_PATHS.map((path) => [path, isDocument(path) ? documents : pages] as const),
  }
}

// ---------------------------------------------------------------------------------------------

const createSiteBucket = (stack: Stack, { retain }: Settings): Bucket => {
  const bucket = new Bucket(stack, 'Site', {
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    // It is never empty, and what isn't empty can't be destroyed.
    autoDeleteObjects: !retain,
  })
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'Only the distribution reads it, which logs who asks for what.',
  })
  return bucket
}

/** As long as the files' own headers say. Not less than a second: CloudFront compresses what it keeps. */
const keepFiles = (stack: Stack): CachePolicy =>
  new CachePolicy(stack, 'KeepFiles', {
    comment: 'Keeps files as they ask for it, compressed',
    minTtl: Duration.seconds(1),
    defaultTtl: Duration.seconds(1),
    maxTtl: Duration.days(365),
    headerBehavior: CacheHeaderBehavior.none(),
    queryStringBehavior: CacheQueryStringBehavior.none(),
    cookieBehavior: CacheCookieBehavior.none(),
    enableAcceptEncodingGzip: true,
    enableAcceptEncodingBrotli: true,
  })

/** CloudFront takes some headers only by settings of their own; all replace what S3 would say. */
const pageHeaders = (stack: Stack, name: string, headers: PageHeaders): ResponseHeadersPolicy => {
  const {
    'Content-Security-Policy': contentSecurityPolicy,
    'X-Content-Type-Options': _,
    'X-Frame-Options': frame,
    'Referrer-Policy': referrer,
    'Access-Control-Allow-Origin': anyOrigin,
    ...others
  } = headers
  const override = true
  return new ResponseHeadersPolicy(stack, name, {
    comment: anyOrigin === undefined ? 'What a page of ours may do' : 'The same, for any origin',
    ...(anyOrigin !== undefined && {
      corsBehavior: {
        accessControlAllowOrigins: [anyOrigin],
        accessControlAllowMethods: ['GET', 'HEAD'],
        accessControlAllowHeaders: ['*'],
        accessControlAllowCredentials: false,
        originOverride: true,
      },
    }),
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy, override },
      contentTypeOptions: { override },
      frameOptions: { frameOption: HeadersFrameOption[frame], override },
      referrerPolicy: { referrerPolicy: REFERRER[referrer], override },
      strictTransportSecurity: { accessControlMaxAge: Duration.seconds(HSTS_SECONDS), override },
    },
    customHeadersBehavior: {
      customHeaders: Object.entries(others).map(([header, value]) => ({ header, value, override })),
    },
  })
}

const REFERRER = { 'no-referrer': HeadersReferrerPolicy.NO_REFERRER } as const
