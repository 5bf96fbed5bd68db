/** The site's files: built where the app is synthesised, copied into the bucket by a function of CDK's.
 * CloudFormation has no resource for a file, and what a script copied after the deployment would not go
 * back when that is rolled back. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Stack, Validations } from 'aws-cdk-lib'
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment'
import { CACHE_CONTROL, HASHED, SITE_PATHS } from '../shared/http/paths.ts'
import { waitForPolicy } from './lambda.ts'
import { retention } from './logs.ts'
import { acceptWildcard } from './nag.ts'
import type { Settings } from './settings.ts'

const ROOT = join(import.meta.dirname, '..')

/** CDK can't wait for a promise, so another process builds. @returns the folder with the site in it. */
export const buildSite = (): string => {
  try {
    // What it says would come between the templates that `cdk synth` prints.
    execFileSync(process.execPath, ['--import', 'tsx', 'tools/site/main.ts'], {
      cwd: ROOT,
      stdio: 'pipe',
    })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: Buffer; stderr?: Buffer }
    throw new Error(`the site can't be built (npm run site):\n${stdout}${stderr}`.trimEnd())
  }
  return join(ROOT, 'dist', 'site')
}

type Options = {
  readonly folder: string
  readonly bucket: IBucket
  readonly distribution: Distribution
}

/** Pages come after what they load; what old pages load stays, for browsers that have one open. */
export const deployFiles = (stack: Stack, settings: Settings, options: Options): void => {
  const { folder, bucket, distribution } = options
  const files = new Asset(stack, 'SiteFiles', { path: folder })
  const logGroup = new LogGroup(stack, 'SiteFilesLog', retention(settings))
  const role = createRole(stack, { ...options, files, logGroup })
  const common = {
    sources: [Source.bucket(files.bucket, files.s3ObjectKey)],
    destinationBucket: bucket,
    // What CDK would let it do is more than it does.
    role: role.withoutPolicyUpdates(),
    logGroup,
    outputObjectKeys: false,
  }
  const hashed = `${HASHED.slice(1)}*`
  const first = new BucketDeployment(stack, 'HashedFiles', {
    ...common,
    exclude: ['*'],
    include: [hashed],
    prune: false,
    cacheControl: [CacheControl.fromString(CACHE_CONTROL.hashed)],
  })
  const then = new BucketDeployment(stack, 'OtherFiles', {
    ...common,
    exclude: [hashed],
    prune: true,
    cacheControl: [CacheControl.fromString(CACHE_CONTROL.other)],
    // CloudFront validates these each time. This is for files that it was told to keep by mistake.
    distribution,
    distributionPaths: [...SITE_PATHS],
  })
  then.node.addDependency(first)
  settle(stack, role)
}

// ---------------------------------------------------------------------------------------------

type Rights = Options & { readonly files: Asset; readonly logGroup: LogGroup }

/** What `aws s3 sync` and the invalidation in CloudFront need, and no more. */
const createRole = (stack: Stack, { bucket, distribution, files, logGroup }: Rights): Role => {
  const role = new Role(stack, 'SiteFilesRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  })
  const [assets, pages] = [files.bucket.arnForObjects('*'), bucket.arnForObjects('*')]
  const allow = (sid: string, actions: readonly string[], resource: string): void => {
    role.addToPolicy(new PolicyStatement({ sid, actions: [...actions], resources: [resource] }))
  }
  allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn)
  allow('Read', ['s3:GetObject'], assets)
  allow('List', ['s3:ListBucket'], bucket.bucketArn)
  allow('Write', ['s3:PutObject', 's3:DeleteObject'], pages)
  const invalidation = ['cloudfront:CreateInvalidation', 'cloudfront:GetInvalidation']
  allow('Forget', invalidation, distribution.distributionArn)
  acceptWildcard(
    role,
    assets,
    'Another site has another name there, and IAM takes seconds to let that be read: too late for the function.',
  )
  acceptWildcard(role, pages, 'It writes every file of the site, and deletes those that are gone.')
  return role
}

/** Of the function that CDK makes for both, at the stack. */
const settle = (stack: Stack, role: Role): void => {
  const name = 'Custom::CDKBucketDeployment'
  const copier = stack.node.children.find(({ node }) => node.id.startsWith(name))
  if (copier === undefined) throw new Error(`CDK has no ${name}`)
  waitForPolicy(copier as Lambda, role)
  Validations.of(copier).acknowledge({
    id: 'AwsSolutions-L1',
    reason: 'Code and runtime of the function that copies files are CDK’s, and change with it.',
  })
}
