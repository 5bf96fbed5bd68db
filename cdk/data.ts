/**
 * What must outlive everything else: the table, and the KMS key that wraps the tenants' data keys.
 * Both stay when the stack is deleted: without the key, no verifier in the table opens again.
 */
import { CrossStackReferences, ReferenceStrength, RemovalPolicy, Stack } from 'aws-cdk-lib'
import {
  AttributeType,
  Billing,
  type ITableV2,
  ProjectionType,
  StreamViewType,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { TABLE } from '../shared/store/table.ts'
import { rolePath } from './lambda.ts'
import type { Settings } from './settings.ts'

/** What every encryption context of the service says (`contextOf` in `shared/crypto/vault.ts`). */
export const SERVICE_CONTEXT = { 'kms:EncryptionContext:service': 'keyharbor' }

export const createData = (scope: Construct, settings: Settings) => {
  const stack = new Stack(scope, `${settings.name}Data`, {
    description: 'Keyharbor: the table and the key that wraps its data keys',
    terminationProtection: settings.retain,
  })
  const table = createTable(stack, settings)
  const key = createWrappingKey(stack, settings)
  // CloudFormation deletes no export in use, so the data can't be deleted before the service.
  for (const kept of [table, key]) CrossStackReferences.of(kept).produce(ReferenceStrength.STRONG)
  return { stack, table: restoredTable(stack, settings) ?? table, key }
}

export type Data = ReturnType<typeof createData>

// ---------------------------------------------------------------------------------------------

const createTable = (stack: Stack, { retain }: Settings): TableV2 => {
  const { name, partitionKey, sortKey, projection } = TABLE.expiryIndex
  return new TableV2(stack, 'Table', {
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
    deletionProtection: retain,
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })
}

/** A table that was restored beside the stack's own, which stays (docs/operations.md). */
const restoredTable = (stack: Stack, { tableStreamArn }: Settings): ITableV2 | null =>
  tableStreamArn === undefined
    ? null
    : TableV2.fromTableAttributes(stack, 'RestoredTable', {
        tableArn: tableStreamArn.replace(/\/stream\/.*/, ''),
        tableStreamArn,
      })

const createWrappingKey = (stack: Stack, settings: Settings): Key =>
  new Key(stack, 'WrappingKey', {
    alias: `alias/${settings.name.toLowerCase()}`,
    description: "Wraps the data keys of Keyharbor's tenants",
    enableKeyRotation: true,
    policy: new PolicyDocument({
      statements: [
        new PolicyStatement({
          sid: 'Administer',
          principals: [new AccountRootPrincipal()],
          // Everything but using the key and granting its use. An administrator who wants to use it has to change
          // this policy first, which shows in CloudTrail.
          actions: ADMINISTRATION.map((action) => `kms:${action}`),
          resources: ['*'],
        }),
        new PolicyStatement({
          sid: 'Use',
          // The account stands for its roles. The condition and their own policies say which of them.
          principals: [new AccountRootPrincipal()],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resources: ['*'],
          conditions: {
            ArnLike: {
              'aws:PrincipalArn': `arn:${stack.partition}:iam::${stack.account}:role${rolePath(settings)}*`,
            },
            StringEquals: SERVICE_CONTEXT,
          },
        }),
      ],
    }),
    removalPolicy: settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })

/** AWS's default key policy for administrators (KMS Developer Guide, "Default key policy"), but without grants, whose
 * holders need no encryption context. */
const ADMINISTRATION = [
  'CreateAlias',
  'Describe*',
  'Enable*',
  'List*',
  'Put*',
  'Update*',
  'Revoke*',
  'Disable*',
  'Get*',
  'Delete*',
  'TagResource',
  'UntagResource',
  'ScheduleKeyDeletion',
  'CancelKeyDeletion',
  'RotateKeyOnDemand',
]
