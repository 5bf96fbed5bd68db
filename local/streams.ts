/**
 * The table's stream, pumped into a reader of it (`functions/close.ts`, `functions/tell.ts`) as Lambda's event source mapping
 * does. At least once: the position is kept in a file after each batch, and a start goes on from there.
 */
import { rename, writeFile } from 'node:fs/promises'
import { type DynamoDBStreamsClient, GetRecordsCommand } from '@aws-sdk/client-dynamodb-streams'
import { z } from 'zod'
import { deliver } from './deliver.ts'
import { readIfThere } from './durable.ts'
import type { Lambda } from './lambda.ts'
import { log } from './log.ts'
import { pause } from './pause.ts'
import { iteratorAt, listShards, type Positions, readable, type Shard } from './shards.ts'

type PumpOptions = {
  readonly client: DynamoDBStreamsClient
  /** Finds the stream: asked at start, and again when it is gone. */
  readonly findStream: () => Promise<string>
  /** Name of the function. */
  readonly name: string
  readonly invoke: Lambda
  /** Records at a time. Default: 100, as Lambda's. */
  readonly batch?: number
  /** Whether a record is worth a call. Default: all are. */
  readonly hears?: (record: unknown) => boolean
  /** File of the position. */
  readonly checkpoint: string
  /** File of the position to begin at where there is no other. */
  readonly checkpointBefore?: string
  /** Pause between looks at a stream without news, in milliseconds. */
  readonly idle?: number
  readonly tries?: number
}

/** Shards are listed again after one ended, and this often: a split shows late. */
const LIST_EVERY_MS = 30_000

export const startPump = (options: PumpOptions) => {
  const { client, findStream, name, invoke, idle = 100, tries = 30 } = options
  const { batch = 100, hears = () => true, checkpoint, checkpointBefore } = options
  const stop = new AbortController()
  const stopping = (): boolean => stop.signal.aborted
  const rest = (ms: number): Promise<void> => pause(ms, stop.signal)

  /** All changes until then are done, in milliseconds since the epoch. */
  let doneUntil = Date.now()

  /** Reads one stream until it is gone or we stop. */
  const pump = async (arn: string, positions: Positions): Promise<void> => {
    const iterators = new Map<string, string>()
    /** The next records of a shard; null when it has to be asked again, from another place. */
    const read = async (id: string) => {
      const iterator = iterators.get(id) ?? (await iteratorAt(client, arn, id, positions[id]))
      iterators.delete(id)
      if (iterator === undefined) return null
      try {
        return await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: batch }))
      } catch (error) {
        const name = error instanceof Error ? error.name : ''
        // Behind the retention: what is left is read from its beginning.
        if (name === 'TrimmedDataAccessException') delete positions[id]
        else if (name !== 'ExpiredIteratorException') throw error
        return null
      }
    }

    let shards: Shard[] = []
    let listed = Number.NEGATIVE_INFINITY
    while (!stopping()) {
      if (Date.now() - listed > LIST_EVERY_MS) {
        shards = await listShards(client, arn)
        listed = Date.now()
        // What is trimmed away needs no position any more.
        for (const id of Object.keys(positions))
          if (!shards.some((shard) => shard.id === id)) delete positions[id]
      }
      let news = false
      const looked = Date.now()
      for (const { id } of readable(shards, positions)) {
        const page = await read(id)
        if (page === null) continue
        const records = page.Records ?? []
        const first = records[0]?.dynamodb?.ApproximateCreationDateTime?.getTime()
        if (first !== undefined) doneUntil = Math.min(looked, first)
        const done = await deliver(arn, records, {
          name,
          invoke,
          hears,
          tries,
          pause: rest,
          stopping,
        })
        const last = records[done - 1]?.dynamodb?.SequenceNumber
        if (last !== undefined) positions[id] = { after: last }
        if (done === records.length && page.NextShardIterator === undefined) {
          positions[id] = 'ended'
          listed = Number.NEGATIVE_INFINITY
        }
        if (page.NextShardIterator !== undefined) iterators.set(id, page.NextShardIterator)
        if (last === undefined && positions[id] !== 'ended') continue
        news = true
        await save(checkpoint, arn, positions)
      }
      if (!news) {
        doneUntil = looked
        await rest(idle)
      }
    }
  }

  const run = async (): Promise<void> => {
    let failures = 0
    while (!stopping()) {
      const started = Date.now()
      try {
        const arn = await findStream()
        const kept = (await load(checkpoint, arn)) ?? (await load(checkpointBefore, arn))
        await pump(arn, kept ?? {})
      } catch (error) {
        if (stopping()) return
        // An iterator that got too old is a matter of course; anything else is said once.
        failures = Date.now() - started > 10_000 ? 1 : failures + 1
        if (failures === 3) log.error('the stream can’t be read', error, { function: name })
        await rest(Math.min(50 * 2 ** failures, 3000))
      }
    }
  }

  const running = run()
  return {
    /** For how many seconds the oldest change that isn't done has waited; about 0 without news. */
    behind: (): number => Math.max(0, (Date.now() - doneUntil) / 1000),
    /** Stops after the batch under way. */
    async close(): Promise<void> {
      stop.abort()
      await running
    },
  }
}

// ---------------------------------------------------------------------------------------------

const Checkpoint = z.object({
  arn: z.string(),
  shards: z.record(z.string(), z.union([z.object({ after: z.string() }), z.literal('ended')])),
})

/** @returns null for another stream, or when the file can't be used: without positions all is read. */
const load = async (path: string | undefined, arn: string): Promise<Positions | null> => {
  const stored = path === undefined ? null : await readIfThere(path)
  try {
    const parsed = Checkpoint.parse(JSON.parse(String(stored)))
    return parsed.arn === arn ? parsed.shards : null
  } catch {
    return null
  }
}

/** Whole or not at all, but not synced: after a power cut a few batches may come again. */
const save = async (path: string, arn: string, shards: Positions): Promise<void> => {
  const draft = `${path}.draft`
  await writeFile(draft, `${JSON.stringify({ arn, shards }, null, 2)}\n`, { mode: 0o600 })
  await rename(draft, path)
}
