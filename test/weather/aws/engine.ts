/** The embedded DynamoDB and KMS that all simulated requests come to in the end, one at a time. */
import { createHash, createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createTrust, issueCredentials } from '../../../local/credentials.ts'
import { createKms, type Kms } from '../../../local/kms.ts'
import { openKmsKey } from '../../../local/kms-key.ts'
import { ensureTable } from '../../../local/table.ts'
import { startUnkept } from '../../kit/dynamo.ts'

export type Answer = { readonly status: number; readonly body: string }
type Credentials = ReturnType<typeof issueCredentials>

export const TABLE = 'weather'

/** Starts both. To be used outside of a simulation; `ask` within one, too. */
export const startEngine = async () => {
  const trust = createTrust()
  const dynamo = await startUnkept(trust)
  const credentials = issueCredentials(trust)
  const client = new DynamoDBClient({
    endpoint: dynamo.endpoint,
    region: REGION,
    credentials: {
      accessKeyId: credentials.AWS_ACCESS_KEY_ID,
      secretAccessKey: credentials.AWS_SECRET_ACCESS_KEY,
    },
  })
  await ensureTable(client, TABLE)
  const agent = new Agent({ keepAlive: true })
  const kms: Kms = await startKms()
  /** The signature of a day of this machine, whatever the day is in the simulation. */
  const at = timeNow()
  return {
    kms,
    /** A table with nothing in it. */
    async clear(): Promise<void> {
      await client.send(new DeleteTableCommand({ TableName: TABLE }))
      await ensureTable(client, TABLE)
    },
    /** Carries a request to DynamoDB. @param target as in `X-Amz-Target`. */
    ask: (target: string, body: string): Promise<Answer> =>
      ask(new URL(dynamo.endpoint), agent, signed(credentials, at(), target, body), body),
    async close(): Promise<void> {
      agent.destroy()
      client.destroy()
      await dynamo.close()
    },
  }
}

export type Engine = Awaited<ReturnType<typeof startEngine>>

// ---------------------------------------------------------------------------------------------

const REGION = 'us-east-1'

const startKms = async (): Promise<Kms> => {
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-weather-'))
  const file = join(folder, 'kms.key')
  // The same in each run, as all that is random in one.
  await writeFile(file, Buffer.alloc(32, 7))
  const kms = createKms(await openKmsKey(file, true), REGION)
  await rm(folder, { recursive: true, force: true })
  return kms
}

/** The machine's own time, which goes on while the simulation's is another: from a clock that isn't replaced. */
const timeNow = () => {
  const began = Date.now()
  const { timeOrigin } = performance
  return (): Date => new Date(Math.max(began, timeOrigin + process.uptime() * 1000))
}

type Headers = Readonly<Record<string, string>>

const ask = (to: URL, agent: Agent, headers: Headers, body: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(to, { agent, method: 'POST', headers }, (reply) => {
      const parts: Buffer[] = []
      reply.on('data', (part: Buffer) => parts.push(part))
      reply.on('error', reject)
      reply.on('end', () =>
        resolve({ status: reply.statusCode ?? 500, body: Buffer.concat(parts).toString() }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })

/** Signature Version 4 over the least that the embedded DynamoDB's door wants to see. */
const signed = (
  { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret }: Credentials,
  at: Date,
  target: string,
  body: string,
): Headers => {
  const time = at.toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = `${time.slice(0, 8)}/${REGION}/dynamodb/aws4_request`
  const canonical = `POST\n/\n\nx-amz-date:${time}\n\nx-amz-date\n${sha256(body)}`
  const key = scope.split('/').reduce(hmac, Buffer.from(`AWS4${secret}`))
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`
  const signature = hmac(key, text).toString('hex')
  return {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': target,
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=x-amz-date, Signature=${signature}`,
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()
