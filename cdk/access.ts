/** From what a function may do (`rights.ts`) to the statements of its role, and to the environment that
 * goes with them. */
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda'
import { TABLE } from '../shared/store/table.ts'
import { type Data, SERVICE_CONTEXT } from './data.ts'
import type { SocketApi } from './gateway.ts'
import { type FunctionName, roleOf } from './lambda.ts'
import { acceptWildcard } from './nag.ts'
import { RIGHTS, type TableRight } from './rights.ts'

type Parts = { readonly data: Data; readonly socketApi: SocketApi }

/** CDK's own grants are wider: they allow Scan, batches, every index, and every item. */
export const allow = (fn: Lambda, name: FunctionName, { data, socketApi }: Parts): void => {
  const role = roleOf(fn)
  const { table, key, push } = RIGHTS[name]
  fn.addEnvironment('KEYHARBOR_TABLE', data.table.tableName)
  for (const right of table) fn.addToRolePolicy(onTable(data, right))
  if (key !== undefined) {
    fn.addEnvironment('KEYHARBOR_KMS_KEY', data.key.keyArn)
    fn.addToRolePolicy(
      new PolicyStatement({
        sid: 'DataKeys',
        actions: [`kms:${key}`],
        resources: [data.key.keyArn],
        conditions: { StringEquals: SERVICE_CONTEXT },
      }),
    )
  }
  if (push !== undefined) {
    fn.addEnvironment('KEYHARBOR_CONNECTIONS_URL', socketApi.stage.callbackUrl)
    const resources = push.map((way) => socketApi.arnOf(`${way}/@connections/*`))
    fn.addToRolePolicy(
      new PolicyStatement({ sid: 'Push', actions: ['execute-api:ManageConnections'], resources }),
    )
    for (const arn of resources)
      acceptWildcard(role, arn, 'Which sockets are open is not known before: any of this API.')
  }
}

// ---------------------------------------------------------------------------------------------

const onTable = (
  { table }: Data,
  { sid, actions, partitions, attributes, index }: TableRight,
): PolicyStatement =>
  new PolicyStatement({
    effect: Effect.ALLOW,
    sid,
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [index ? `${table.tableArn}/index/${TABLE.expiryIndex.name}` : table.tableArn],
    conditions: conditions(partitions, attributes),
  })

/**
 * Fine-grained access (DynamoDB Developer Guide, "Using IAM policy conditions"). `ForAllValues` also
 * holds where a request says nothing: `Null` asks that it does.
 */
const conditions = (
  partitions: readonly string[] | undefined,
  attributes: readonly string[] | undefined,
) => {
  const named = {
    ...(partitions && { 'dynamodb:LeadingKeys': 'false' }),
    ...(attributes && { 'dynamodb:Attributes': 'false' }),
  }
  return {
    ...(partitions && { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions } }),
    ...(attributes && { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': attributes } }),
    ...(Object.keys(named).length > 0 && { Null: named }),
    // Otherwise a write could ask for the whole item back, with attributes that it may not name.
    ...(attributes && {
      StringEqualsIfExists: { 'dynamodb:ReturnValues': ['NONE', 'UPDATED_OLD', 'UPDATED_NEW'] },
    }),
  }
}
