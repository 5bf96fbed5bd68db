/** The service in a process of its own, from its sources and with its default settings; tells what lies in its table. */
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { startCloud } from '../../local/cloud.ts'
import { parseOptions } from '../../local/options.ts'

export type Said = { readonly up: string } | { readonly left: Readonly<Record<string, number>> }

const [, , data = ''] = process.argv
process.env.KEYHARBOR_SITE = 'off'
const cloud = await startCloud(
  parseOptions({ PORT: '0', HTTP_PORT: '0', KEYHARBOR_DATA: data, KEYHARBOR_SITE: 'off' }),
)
const client = new DynamoDBClient({})

/** Items that a socket leaves, by their kind. */
const kindOf = (pk: string, sk: string): string | null => {
  if (pk.startsWith('C#')) return 'connections'
  if (sk.startsWith('SESSION#')) return sk.split('#').length > 4 ? 'copies' : 'sessions'
  if (pk.includes('#SUB#')) return 'subscriptions'
  return sk.startsWith('TOKEN#') ? 'tokens' : null
}

const count = async (): Promise<Record<string, number>> => {
  const found: Record<string, number> = {}
  let start: Record<string, { S: string }> | undefined
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: 'keyharbor',
        ProjectionExpression: 'pk, sk',
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    )
    for (const { pk, sk } of page.Items ?? []) {
      const kind = kindOf(pk?.S ?? '', sk?.S ?? '')
      if (kind !== null) found[kind] = (found[kind] ?? 0) + 1
    }
    start = page.LastEvaluatedKey as typeof start
  } while (start !== undefined)
  return found
}

const say = (said: Said): void => void process.send?.(said)
process.on('message', async () => say({ left: await count() }))
process.on('disconnect', async () => {
  await cloud.close()
  process.exit()
})
say({ up: cloud.data })
