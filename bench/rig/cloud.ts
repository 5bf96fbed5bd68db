/**
 * What AWS would be, for processes under test: an embedded DynamoDB, KMS, and a place where both are
 * counted by who asks. Made of the parts that `npm start` is made of.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createTrust, issueCredentials } from '../../local/credentials.ts'
import { isThere } from '../../local/durable.ts'
import { startDynamo } from '../../local/dynamo.ts'
import { startInternal } from '../../local/internal.ts'
import { createKms } from '../../local/kms.ts'
import { openKmsKey } from '../../local/kms-key.ts'
import { type Counts, readCounts } from '../../local/record/record.ts'
import { startRecording } from '../../local/record/recording.ts'
import { ensureTable } from '../../local/table.ts'

const REGION = 'us-east-1'
const TABLE = 'keyharbor'

export type Cloud = Awaited<ReturnType<typeof startCloud>>

/** @param folder of its files, the table's too: what is there from an earlier run is used. */
export const startCloud = async (folder: string) => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'dynamo.db')
  const key = await openKmsKey(join(folder, 'kms.key'), !(await isThere(file)))
  const trust = createTrust()
  const dynamo = await startDynamo({ trust, file })
  const record = join(folder, 'record')
  const recording = startRecording(record, dynamo.endpoint, trust)
  const callers = new Map<string, string>()
  const internal = await startInternal({
    trust,
    callers,
    kms: createKms(key, REGION),
    issuer: { jwks: { keys: [] } },
    recording,
  })

  /** The environment of a process that calls itself `name`, and asks the given DynamoDB. */
  const environment = (name: string, dynamoUrl = dynamo.endpoint): Record<string, string> => {
    const credentials = issueCredentials(trust)
    callers.set(credentials.AWS_ACCESS_KEY_ID, name)
    return {
      ...SETTINGS,
      ...credentials,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoUrl,
      AWS_ENDPOINT_URL_KMS: internal.kmsUrl,
    }
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } =
    issueCredentials(trust)
  const client = new DynamoDBClient({
    region: REGION,
    endpoint: dynamo.endpoint,
    credentials: { accessKeyId, secretAccessKey },
  })
  await ensureTable(client, TABLE)
  return {
    table: TABLE,
    client,
    dynamoUrl: dynamo.endpoint,
    /** The same DynamoDB; what is asked there is counted. */
    countedUrl: internal.url,
    environment,
    /** What has been asked so far, once nothing more comes. */
    async counts(): Promise<Counts> {
      for (let before = await readCounts(record).catch(() => ({})); ; ) {
        await pause(REST_MS)
        const now = await readCounts(record).catch(() => ({}))
        if (isDeepStrictEqual(now, before)) return now
        before = now
      }
    },
    async close(): Promise<void> {
      client.destroy()
      await internal.close()
      recording.close()
      await dynamo.close()
    },
  }
}

// ---------------------------------------------------------------------------------------------

/** Longer than the recording's counts are old. */
const REST_MS = 600

/** Who measures asks more than a device may: its limits are what they are for a fleet of any size. */
const SETTINGS = {
  AWS_REGION: REGION,
  KEYHARBOR_TABLE: TABLE,
  KEYHARBOR_LOCAL: '1',
  KEYHARBOR_ISSUER: 'https://keyharbor.example',
  KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: '1000000000',
  KEYHARBOR_DEVICE_CHECKS_PER_MINUTE: '1000000000',
  KEYHARBOR_TENANT_CHECKS_PER_MINUTE: '1000000000',
  KEYHARBOR_TENANT_CALLS_PER_MINUTE: '1000000000',
}
