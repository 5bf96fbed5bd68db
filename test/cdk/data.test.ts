import { beforeAll, describe, expect, test } from 'vitest'
import { contextOf } from '../../shared/crypto/vault.ts'
import { parseEnv } from '../../shared/env.ts'
import { like } from '../policy/iam.ts'
import { FUNCTIONS, type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth()
})

describe('the table', () => {
  const has = (properties: object) =>
    stack.data.hasResourceProperties('AWS::DynamoDB::GlobalTable', properties)

  test('is keyed by pk and sk', () => {
    has({
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    })
  })

  test('has one index, of keys only: due keys by shard and expiry', () => {
    has({
      GlobalSecondaryIndexes: [
        {
          IndexName: 'expiry',
          KeySchema: [
            { AttributeName: 'shard', KeyType: 'HASH' },
            { AttributeName: 'expiresAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
        { AttributeName: 'shard', AttributeType: 'S' },
        { AttributeName: 'expiresAt', AttributeType: 'N' },
      ],
    })
  })

  test('is paid by request, lets items die by ttl and streams both images', () => {
    has({
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    })
  })

  test('can be restored to a point in time, and neither the stack nor a slip deletes it', () => {
    has({
      Replicas: [
        {
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          DeletionProtectionEnabled: true,
        },
      ],
    })
    stack.data.hasResource('AWS::DynamoDB::GlobalTable', RETAINED)
  })
})

const USES = [
  ...[
    'Decrypt',
    'Encrypt',
    'ReEncryptFrom',
    'ReEncryptTo',
    'GenerateDataKey',
    'GenerateDataKeyPair',
  ],
  ...['GenerateMac', 'VerifyMac', 'Sign', 'Verify', 'DeriveSharedSecret', 'CreateGrant'],
]

describe('the wrapping key', () => {
  test('rotates, and stays when the stack goes', () => {
    stack.data.hasResource('AWS::KMS::Key', {
      ...RETAINED,
      Properties: { EnableKeyRotation: true },
    })
  })

  test('has the alias that the functions expect by default', () => {
    stack.data.hasResourceProperties('AWS::KMS::Alias', { AliasName: 'alias/keyharbor' })
    expect(parseEnv({}).KEYHARBOR_KMS_KEY).toBe('alias/keyharbor')
  })

  test('is used by the roles of the functions only, in the encryption context of the service', () => {
    const [key] = Object.values(stack.data.findResources('AWS::KMS::Key'))
    const [administer, use, ...others] = key?.Properties.KeyPolicy.Statement ?? []
    expect(others).toEqual([])
    expect(use).toMatchObject({
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Condition: { StringEquals: { 'kms:EncryptionContext:service': contextOf(1).service } },
    })
    expect(stack.text(use.Condition.ArnLike['aws:PrincipalArn'])).toBe(
      'arn:Partition:iam::AccountId:role/keyharbor/*',
    )
    const roles = Object.values(stack.service.findResources('AWS::IAM::Role'))
    expect(roles.filter(({ Properties }) => Properties.Path === '/keyharbor/')).toHaveLength(
      FUNCTIONS.length,
    )
    // Nor is anybody given its use: a grant asks for no encryption context.
    for (const action of USES)
      expect(
        administer.Action.filter((pattern: string) => like(pattern, `kms:${action}`)),
        action,
      ).toEqual([])
  })
})

test('a rig that is thrown away takes its table and key with it', () => {
  const { data } = synth({ retain: false })
  const gone = { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' }
  data.hasResource('AWS::DynamoDB::GlobalTable', gone)
  data.hasResource('AWS::KMS::Key', gone)
  data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
    Replicas: [{ DeletionProtectionEnabled: false }],
  })
})

test('a restored table takes the place of the own one, which stays', () => {
  const tableArn = 'arn:aws:dynamodb:eu-central-1:111122223333:table/Restored'
  const tableStreamArn = `${tableArn}/stream/2026-11-23T10:00:00.000`
  const restored = synth({ tableStreamArn })
  restored.data.hasResource('AWS::DynamoDB::GlobalTable', RETAINED)
  restored.service.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    EventSourceArn: tableStreamArn,
  })
  for (const name of FUNCTIONS) {
    expect(restored.environment(name).KEYHARBOR_TABLE).toBe('Restored')
    const tables = restored
      .statements(name)
      .filter(({ actions }) => actions.every((action) => action.startsWith('dynamodb:')))
      .flatMap(({ resources }) => resources)
    expect(tables.length).toBeGreaterThan(0)
    for (const arn of tables) expect(arn.startsWith(tableArn) || arn === '*', arn).toBe(true)
  }
})

const RETAINED = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' }
