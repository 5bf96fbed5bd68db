/** Makes the table that `shared/store/table.ts` defines, where it isn't there yet. */

import { setTimeout as pause } from 'node:timers/promises'
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import { TABLE } from '../shared/store/table.ts'
import { ANEW } from './installation.ts'
import { UserError } from './user-error.ts'

const ACTIVE_WITHIN_MS = 60_000

/** @returns once the table answers. Existing data stays.
 * @throws UserError where there is none, and none may be made. */
export const ensureTable = async (
  client: DynamoDBClient,
  name: string,
  mayCreate = true,
): Promise<void> => {
  if ((await describe(client, name)) === null) {
    if (!mayCreate)
      throw new UserError(
        `dynamo.db has no table ${name}, and this folder's users and keys are in it: put the right file back, set KEYHARBOR_TABLE to the name that it had, or ${ANEW}`,
      )
    await create(client, name)
  }
  const table = await active(client, name)
  if (table.StreamSpecification?.StreamViewType !== TABLE.stream)
    throw new UserError(
      `The table ${name} exists without a stream of ${TABLE.stream}: turn that on, or set KEYHARBOR_TABLE to another name`,
    )
  const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: name }))
  // Absent where an emulator doesn't say; asking twice for what is on already is an error in AWS.
  if (ttl.TimeToLiveDescription?.TimeToLiveStatus?.startsWith('ENABL')) return
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { AttributeName: TABLE.ttl, Enabled: true },
    }),
  )
}

/** The stream that the table has now. A table made anew has another one. */
export const streamOf = async (client: DynamoDBClient, name: string): Promise<string> => {
  const arn = (await describe(client, name))?.LatestStreamArn
  if (arn === undefined) throw new Error(`table ${name} has no stream`)
  return arn
}

// ---------------------------------------------------------------------------------------------

const describe = async (client: DynamoDBClient, name: string): Promise<TableDescription | null> => {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table ?? null
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return null
    throw error
  }
}

const create = async (client: DynamoDBClient, name: string): Promise<void> => {
  const { partitionKey, sortKey, expiryIndex: index } = TABLE
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: partitionKey, AttributeType: 'S' },
        { AttributeName: sortKey, AttributeType: 'S' },
        { AttributeName: index.partitionKey, AttributeType: 'S' },
        { AttributeName: index.sortKey, AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: index.name,
          KeySchema: [
            { AttributeName: index.partitionKey, KeyType: 'HASH' },
            { AttributeName: index.sortKey, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: index.projection },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: TABLE.stream },
    }),
  )
}

const active = async (client: DynamoDBClient, name: string): Promise<TableDescription> => {
  for (const deadline = Date.now() + ACTIVE_WITHIN_MS; Date.now() < deadline; await pause(100)) {
    const table = await describe(client, name)
    const indexes = table?.GlobalSecondaryIndexes ?? []
    // Some emulators name no state of an index.
    const ready = indexes.every(({ IndexStatus = 'ACTIVE' }) => IndexStatus === 'ACTIVE')
    if (table?.TableStatus === 'ACTIVE' && ready) return table
  }
  throw new UserError(
    `The table ${name} did not become ACTIVE within a minute: look at the endpoint`,
  )
}
