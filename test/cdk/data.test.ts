import { beforeAll, describe, expect, test } from 'vitest'
import { read, type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth()
})

describe('the table', () => {
  const has = (properties: object) =>
    stack.template.hasResourceProperties('AWS::DynamoDB::GlobalTable', properties)

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
    stack.template.hasResource('AWS::DynamoDB::GlobalTable', RETAINED)
  })
})

describe('the wrapping key', () => {
  test('rotates, and stays when the stack goes', () => {
    stack.template.hasResource('AWS::KMS::Key', {
      ...RETAINED,
      Properties: { EnableKeyRotation: true },
    })
  })

  test('has the alias that the functions expect by default', () => {
    stack.template.hasResourceProperties('AWS::KMS::Alias', { AliasName: 'alias/keyharbor' })
    expect(read('shared', 'env.ts')).toContain("default('alias/keyharbor')")
  })
})

const RETAINED = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' }
