/** A table in a file that no service has open, by a DynamoDB of its own. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { createDb } from '../../shared/store/db.ts'
import { createTrust, issueCredentials } from '../credentials.ts'
import { startDynamo } from '../dynamo.ts'
import { foreignEndpoints, parsedEnvironment } from '../environment.ts'
import { streamOf } from '../table.ts'
import { UserError } from '../user-error.ts'
import { identityAt, lastNumber } from './stream-end.ts'

/** @throws UserError where the table isn't in a file of ours. */
export const assertOurs = (): void => {
  if (foreignEndpoints(process.env).dynamo !== undefined)
    throw new UserError(
      'The table is elsewhere, and so are its backups: this is for the data folder, with the AWS_ENDPOINT_URL variables unset',
    )
}

/** Its log is part of the file once it is closed. */
export const openTable = async (file: string) => {
  const trust = createTrust()
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = issueCredentials(trust)
  const dynamo = await startDynamo({ trust, file })
  const options = {
    endpoint: dynamo.endpoint,
    region: 'us-east-1',
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
    },
  }
  const client = new DynamoDBClient(options)
  const streams = new DynamoDBStreamsClient(options)
  const { KEYHARBOR_TABLE } = parsedEnvironment()
  return {
    db: createDb(client, KEYHARBOR_TABLE),
    /** The number of its stream's last record. */
    lastNumber: async (): Promise<number> =>
      lastNumber(streams, await streamOf(client, KEYHARBOR_TABLE)),
    /** What its record of that number is; null: there is none. */
    identityAt: async (n: number): Promise<string | null> =>
      identityAt(streams, await streamOf(client, KEYHARBOR_TABLE), n),
    async close(): Promise<void> {
      client.destroy()
      streams.destroy()
      await dynamo.close()
    },
  }
}
