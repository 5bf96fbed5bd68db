/** The pump, from a real stream to a function: order, again after failure, on after a restart. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTrust } from '../../local/credentials.ts'
import { startDynamo } from '../../local/dynamo.ts'
import { lambda } from '../../local/lambda.ts'
import { startPump } from '../../local/streams.ts'
import { ensureTable, streamOf } from '../../local/table.ts'
import { type Event, folder, hushed, signing, until } from './kit.ts'

const TableName = 'keyharbor'

const start = async () => {
  const path = await folder()
  const trust = createTrust()
  const dynamo = await startDynamo({ trust, file: join(path, 'dynamo.db') })
  onTestFinished(() => dynamo.close())
  const options = { endpoint: dynamo.endpoint, ...signing(trust) }
  const client = new DynamoDBClient(options)
  await ensureTable(client, TableName)
  const checkpoint = join(path, 'stream-tell.json')
  const checkpointBefore = join(path, 'streams.json')

  /** Starts a pump into `handler`. */
  const pump = (handler: (event: Event) => unknown) => {
    const started = startPump({
      client: new DynamoDBStreamsClient(options),
      findStream: () => streamOf(client, TableName),
      name: 'tell',
      invoke: lambda('tell', async (event) => handler(event), 5),
      checkpoint,
      checkpointBefore,
      idle: 20,
      tries: 3,
    })
    onTestFinished(() => started.close())
    return started
  }
  const put = async (...names: readonly string[]): Promise<void> => {
    for (const name of names)
      await client.send(
        new PutItemCommand({
          TableName,
          Item: { pk: { S: 'p' }, sk: { S: name }, blob: { B: Buffer.of(1, 2) } },
        }),
      )
  }
  return { client, dynamo, pump, put, checkpoint, checkpointBefore }
}

const namesOf = ({ Records }: Event): string[] =>
  Records.map((record: Event) => record.dynamodb.Keys.sk.S)

/** A function that keeps what it got, and may fail first. */
const collector = (answer: (names: string[], event: Event) => unknown = () => undefined) => {
  const names: string[] = []
  const events: Event[] = []
  return {
    names,
    events,
    handler: async (event: Event): Promise<unknown> => {
      const result = await answer(namesOf(event), event)
      names.push(...namesOf(event))
      events.push(event)
      return result
    },
  }
}

describe('the event', () => {
  it('is what Lambda gives: images in DynamoDB JSON, binary as base64', async () => {
    const { client, pump, put } = await start()
    const { handler, names, events } = collector()
    pump(handler)
    await put('a', 'a')
    await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: 'p' }, sk: { S: 'a' } } }))
    await until(() => names.length === 3)
    const records: Event[] = events.flatMap(({ Records }) => Records)
    expect(records.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE'])
    const image = { pk: { S: 'p' }, sk: { S: 'a' }, blob: { B: 'AQI=' } }
    expect(records[1]).toMatchObject({
      eventSource: 'aws:dynamodb',
      eventVersion: '1.1',
      eventID: expect.any(String),
      awsRegion: expect.any(String),
      eventSourceARN: expect.stringMatching(/^arn:aws:dynamodb:.*\/stream\//),
      dynamodb: {
        Keys: { pk: { S: 'p' }, sk: { S: 'a' } },
        NewImage: image,
        OldImage: image,
        SequenceNumber: expect.stringMatching(/^\d+$/),
        SizeBytes: expect.any(Number),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    })
    expect(records[0].dynamodb).not.toHaveProperty('OldImage')
    const at = records[0].dynamodb.ApproximateCreationDateTime
    expect(Math.abs(Date.now() / 1000 - at)).toBeLessThan(60)
  })
})

describe('delivery', () => {
  it('is in order and goes on after a restart where it stopped', async () => {
    const { pump, put } = await start()
    const first = collector()
    const started = pump(first.handler)
    await put('a', 'b')
    await until(() => first.names.length === 2)
    await started.close()
    await put('c')
    const second = collector()
    pump(second.handler)
    await put('d')
    await until(() => second.names.length === 2)
    expect([first.names, second.names]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  it('goes on when the DynamoDB process was killed', async () => {
    hushed()
    const { dynamo, pump, put } = await start()
    const { handler, names } = collector()
    pump(handler)
    await put('a')
    await until(() => names.length === 1)
    process.kill(dynamo.pid() ?? 0, 'SIGKILL')
    await until(() =>
      put('b').then(
        () => true,
        () => false,
      ),
    )
    await until(() => names.includes('b'))
    expect([...new Set(names)]).toEqual(['a', 'b'])
  })

  it('starts at the oldest record when the checkpoint is unusable or of another stream', async () => {
    const { pump, put, checkpoint } = await start()
    await put('a')
    const other = JSON.stringify({ arn: 'arn:other', shards: { x: { after: '9' } } })
    for (const content of ['{ broken', other]) {
      await writeFile(checkpoint, content)
      const { handler, names } = collector()
      const started = pump(handler)
      await until(() => names.length === 1)
      await started.close()
    }
    expect(JSON.parse(await readFile(checkpoint, 'utf8')).arn).toMatch(/^arn:aws:dynamodb/)
  })

  it('goes on from where the one reader was that a folder had before, and from its own place after', async () => {
    const { pump, put, checkpoint, checkpointBefore } = await start()
    const before = collector()
    await put('a')
    const started = pump(before.handler)
    await until(() => before.names.length === 1)
    await started.close()
    await rename(checkpoint, checkpointBefore)
    for (const name of ['b', 'c']) {
      await put(name)
      const { handler, names } = collector()
      const next = pump(handler)
      await until(() => names.length > 0)
      await next.close()
      expect(names).toEqual([name])
    }
  })

  it('comes again from the record that failed', async () => {
    const { pump, put } = await start()
    await put('a', 'b', 'c')
    let failures = 0
    const { handler, names, events } = collector((_names, { Records }) => {
      const failed = Records.find((record: Event) => record.dynamodb.Keys.sk.S === 'b')
      if (failed === undefined || failures++ > 1) return { batchItemFailures: [] }
      return { batchItemFailures: [{ itemIdentifier: failed.dynamodb.SequenceNumber }] }
    })
    pump(handler)
    await until(() => events.length === 3)
    expect(names).toEqual(['a', 'b', 'c', 'b', 'c', 'b', 'c'])
  })

  it('halves a batch that throws, and leaves only the culprit behind', async () => {
    const lines = hushed()
    const { pump, put } = await start()
    const all = Array.from({ length: 20 }, (_, n) => `n${n}`)
    await put(...all)
    const { handler, names } = collector((given) => {
      if (given.includes('n7')) throw new Error('poison')
    })
    pump(handler)
    await until(() => names.includes('n19'))
    expect(names).toEqual(all.filter((name) => name !== 'n7'))
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      message: 'a record of the stream was left behind',
      function: 'tell',
      tries: 3,
      change: 'INSERT',
      sequence: expect.stringMatching(/^\d+$/),
    })
  })

  it('says how long the oldest change has waited, and that none waits any more', async () => {
    const { pump, put } = await start()
    let go = (): void => {}
    const held = new Promise<void>((done) => {
      go = done
    })
    let isAsked = false
    const reader = pump(async () => {
      isAsked = true
      await held
    })
    await put('a')
    await until(() => isAsked)
    const first = reader.behind()
    const later = await until(() => reader.behind() > first + 1 && reader.behind())
    go()
    await until(() => reader.behind() < later)
  })

  it('stops within a batch that keeps failing, and gives it again', async () => {
    hushed()
    const { pump, put } = await start()
    await put('a')
    let tried = 0
    const failing = pump(() => {
      tried++
      throw new Error('no')
    })
    await until(() => tried > 0)
    await failing.close()
    const { handler, names } = collector()
    pump(handler)
    await until(() => names.length === 1)
    expect(names).toEqual(['a'])
  })
})
