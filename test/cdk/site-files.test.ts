import { beforeAll, describe, expect, test } from 'vitest'
import { CACHE_CONTROL, HASHED, SITE_PATHS } from '../../shared/http/paths.ts'
import { type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth({ edge: true })
})

type Resource = { readonly DependsOn?: string[]; readonly DeletionPolicy?: string } & Record<
  'Properties',
  Record<string, unknown>
>
const one = (type: string, name: string, of: Synthesised = stack): [string, Resource] => {
  const all = Object.entries(of.edge?.findResources(type) ?? {})
  const [found, ...rest] = all.filter(([id]) => id.startsWith(name))
  if (found === undefined || rest.length > 0) throw new Error(`not one ${type} ${name}`)
  return found as [string, Resource]
}

type Statement = { Effect: string; Action: unknown; Principal: unknown; Condition: unknown }
const statements = (type: string, name: string): Statement[] => {
  const [, { Properties }] = one(type, name)
  return (Properties.PolicyDocument as { Statement: Statement[] }).Statement
}

describe('the bucket', () => {
  test('is private, encrypted, and knows no ACLs', () => {
    expect(one('AWS::S3::Bucket', 'Site')[1].Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    })
  })

  test('is read by this distribution only, which may see what isn’t there; by nobody in clear', () => {
    const [distribution] = one('AWS::CloudFront::Distribution', '')
    const [denied, allowed, ...rest] = statements('AWS::S3::BucketPolicy', 'Site')
    expect(rest).toEqual([])
    expect(denied).toMatchObject({
      Effect: 'Deny',
      Action: 's3:*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    })
    expect(allowed).toMatchObject({
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:ListBucket'],
      Principal: { Service: 'cloudfront.amazonaws.com' },
    })
    const { Condition = {} } = allowed ?? {}
    expect(Object.keys(Condition as object)).toEqual(['StringEquals'])
    const { 'AWS:SourceArn': source } = (Condition as { StringEquals: Record<string, unknown> })
      .StringEquals
    expect(JSON.stringify(source)).toMatch(`":distribution/",{"Ref":"${distribution}"}`)
  })

  test('stays when its stack goes, and goes with all that is in it where nothing is to stay', () => {
    expect(one('AWS::S3::Bucket', 'Site')[1].DeletionPolicy).toBe('Retain')
    stack.edge?.resourceCountIs('Custom::S3AutoDeleteObjects', 0)
    const rig = synth({ edge: true, retain: false })
    expect(one('AWS::S3::Bucket', 'Site', rig)[1].DeletionPolicy).toBe('Delete')
    rig.edge?.resourceCountIs('Custom::S3AutoDeleteObjects', 1)
  })
})

describe('the files', () => {
  const COPY = 'Custom::CDKBucketDeployment'
  const assets = `${HASHED.slice(1)}*`

  test('with a hash in their names come first, and old ones stay', () => {
    expect(one(COPY, 'HashedFiles')[1].Properties).toMatchObject({
      Exclude: ['*'],
      Include: [assets],
      Prune: false,
      SystemMetadata: { 'cache-control': CACHE_CONTROL.hashed },
    })
  })

  test('all others come after; of these, what is no more goes, from CloudFront too', () => {
    const [first] = one(COPY, 'HashedFiles')
    const [, { DependsOn, Properties }] = one(COPY, 'OtherFiles')
    expect(DependsOn).toContain(first)
    expect(Properties).not.toHaveProperty('Include')
    expect(Properties).toMatchObject({
      Exclude: [assets],
      Prune: true,
      SystemMetadata: { 'cache-control': CACHE_CONTROL.other },
      DistributionId: { Ref: one('AWS::CloudFront::Distribution', '')[0] },
      DistributionPaths: [...SITE_PATHS],
    })
  })

  test('are of one build', () => {
    const [first, then] = ['HashedFiles', 'OtherFiles'].map((name) => one(COPY, name)[1].Properties)
    expect(first?.SourceObjectKeys).toEqual(then?.SourceObjectKeys)
  })

  test('are copied by a function that may do only that', () => {
    const allowed = statements('AWS::IAM::Policy', 'SiteFilesRole')
    expect(allowed.map(({ Action }) => [Action].flat())).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      ['s3:GetObject'],
      ['s3:ListBucket'],
      ['s3:DeleteObject', 's3:PutObject'],
      ['cloudfront:CreateInvalidation', 'cloudfront:GetInvalidation'],
    ])
    const [role, { Properties }] = one('AWS::IAM::Role', 'SiteFilesRole')
    expect(Properties).not.toHaveProperty('ManagedPolicyArns')
    expect(one('AWS::Lambda::Function', 'CustomCDKBucketDeployment')[1]).toMatchObject({
      DependsOn: [one('AWS::IAM::Policy', 'SiteFilesRole')[0]],
      Properties: {
        Role: { 'Fn::GetAtt': [role, 'Arn'] },
        LoggingConfig: { LogGroup: { Ref: one('AWS::Logs::LogGroup', 'SiteFilesLog')[0] } },
      },
    })
  })
})
