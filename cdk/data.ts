/**
 * What must outlive everything else: the table, and the KMS key that wraps the tenants' data keys.
 * Both stay when the stack is deleted: without the key, no verifier in the table opens again.
 */
import { RemovalPolicy, type Stack } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  type ITable,
  ProjectionType,
  StreamViewType,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import { Grant } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda'
import { TABLE } from '../shared/store/table.ts'

/** What `shared/store/db.ts` sends. A transaction needs the actions of the writes in it. */
const ACTIONS = {
  read: ['dynamodb:BatchGetItem', 'dynamodb:Query'],
  add: ['dynamodb:PutItem', 'dynamodb:ConditionCheckItem'],
  change: ['dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
} as const

/** `due` is the expiry index, which nobody but the sweep reads. */
type Use = keyof typeof ACTIONS | 'due'

export const createTable = (stack: Stack) => {
  const { name, partitionKey, sortKey, projection } = TABLE.expiryIndex
  const table = new TableV2(stack, 'Table', {
    partitionKey: { name: TABLE.partitionKey, type: AttributeType.STRING },
    sortKey: { name: TABLE.sortKey, type: AttributeType.STRING },
    globalSecondaryIndexes: [
      {
        indexName: name,
        partitionKey: { name: partitionKey, type: AttributeType.STRING },
        sortKey: { name: sortKey, type: AttributeType.NUMBER },
        projectionType: ProjectionType[projection],
      },
    ],
    timeToLiveAttribute: TABLE.ttl,
    dynamoStream: StreamViewType[TABLE.stream],
    billing: Billing.onDemand(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  })
  return {
    resource: table as ITable,

    /** CDK's own grants are wider: they allow Scan, batches and every index. */
    grant(fn: Lambda, ...uses: readonly Use[]): void {
      fn.addEnvironment('KEYHARBOR_TABLE', table.tableName)
      for (const use of uses) {
        const [actions, arn] =
          use === 'due'
            ? [['dynamodb:Query'], `${table.tableArn}/index/${name}`]
            : [[...ACTIONS[use]], table.tableArn]
        Grant.addToPrincipal({ grantee: fn, actions, resourceArns: [arn] })
      }
    },
  }
}

export const createWrappingKey = (stack: Stack) => {
  const key = new Key(stack, 'WrappingKey', {
    alias: 'alias/keyharbor',
    description: "Wraps the data keys of Keyharbor's tenants",
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  })
  return {
    /** Opening data keys, or making them too; only in the service's encryption context (`vault.ts`). */
    grant(fn: Lambda, may: 'open' | 'open and make'): void {
      fn.addEnvironment('KEYHARBOR_KMS_KEY', key.keyArn)
      Grant.addToPrincipal({
        grantee: fn,
        actions: ['kms:Decrypt', ...(may === 'open' ? [] : ['kms:GenerateDataKey'])],
        resourceArns: [key.keyArn],
        conditions: { StringEquals: { 'kms:EncryptionContext:service': 'keyharbor' } },
      })
    },
  }
}
