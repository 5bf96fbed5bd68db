/**
 * The journal: what a restore must know of changes since a backup, kept apart from the table, so that it is there when the table
 * isn't. A reader of the table's stream appends it. Each journal has a name, which the table has too, and with it each backup:
 * no restore takes one for another. One that can't go on is set aside, and a new one begins.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  DynamoDBStreamsClient,
  _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams'
import type { InstallationStore } from '../../shared/store/installation.ts'
import { isLevelled } from '../../shared/store/restoring.ts'
import { isThere } from '../durable.ts'
import { log } from '../log.ts'
import { streamEvent } from '../stream-records.ts'
import { type Change, createJournal, Damaged, type Journal, openJournal } from './journal-file.ts'
import { lastNumber, readBehind } from './stream-end.ts'

const BATCH = 1000
/** How late the file says that records of no interest were read, and that there was nothing to read. */
const PASSED_MS = 5000
const BEAT_MS = 60_000
const LONGEST_PAUSE_MS = 10_000

export const journalOf = (folder: string, id: string): string => join(folder, `journal-${id}.jsonl`)

type JournalOptions = {
  readonly client: DynamoDBStreamsClient
  readonly findStream: () => Promise<string>
  readonly marks: Pick<InstallationStore, 'get' | 'nameJournal'>
  /** Where its file is; made if need be. */
  readonly folder: string
  /** Pause between looks at a stream without news, in milliseconds. */
  readonly idle?: number
}

/** Begins to keep it. Where it can't be written, that is logged and tried again; nobody waits for it. */
export const startJournal = ({ client, findStream, marks, folder, idle = 50 }: JournalOptions) => {
  const stop = new AbortController()
  const stopping = (): boolean => stop.signal.aborted
  /** All changes until then are in it, in milliseconds since the epoch. */
  let doneUntil = Date.now()

  const follow = async (arn: string, journal: Journal): Promise<void> => {
    let position = journal.to()
    // From the last one that is in it, which shows that the table has got so far.
    const read = await readBehind(client, arn, Math.max(0, position - 1))
    let isFirst = position > 0
    let saved = 0
    for (;;) {
      const wasStopping = stopping()
      const looked = Date.now()
      const page = await read(BATCH)
      if (isFirst && page.length === 0) throw new CannotGoOn('the table is older than it')
      const records = isFirst && numberOf(page[0]) === position ? page.slice(1) : page
      isFirst = false
      let to = position
      for (const record of records)
        if (numberOf(record) !== ++to) throw new CannotGoOn('the stream has a gap behind it')
      const changes = changesIn(arn, records)
      const last = records.at(-1)?.dynamodb?.ApproximateCreationDateTime?.getTime()
      // Behind a full page there may be more of then.
      const at = page.length < BATCH ? looked : Math.min(looked, last ?? looked)
      const age = looked - saved
      const isDue = age > (to > journal.to() ? PASSED_MS : BEAT_MS) || wasStopping
      if (changes.length > 0 || isDue) {
        await journal.append({ to, at, changes })
        saved = looked
      }
      position = to
      doneUntil = at
      if (records.length > 0) continue
      if (wasStopping) return
      await pause(idle, stop.signal)
    }
  }

  /** Opens it, or begins one that nothing is known of but that it begins now. */
  const begin = async (arn: string, why: string | null): Promise<Journal> => {
    const mark = await marks.get()
    if (mark === null) throw new Error('the table has no mark')
    const path = journalOf(folder, mark.id)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (why === null) {
      const journal = await openJournal(path).catch((error: unknown) => {
        if (error instanceof Damaged) return null
        throw error
      })
      if (journal !== null && journal.journal === mark.journal) return journal
      await journal?.close()
    }
    const aside = `${path}.${new Date().toISOString().replaceAll(':', '-')}`
    const wasThere = await isThere(path)
    if (wasThere) await rename(path, aside)
    if (wasThere || mark.journal !== undefined)
      log.error(
        'a new journal begins: take a backup, since it knows nothing of earlier ones',
        undefined,
        wasThere
          ? { why: why ?? 'it is damaged, or of another table', aside }
          : { why: `${path} is missing` },
      )
    const name = randomUUID()
    // Before the mark: who has that finds all behind it in the journal.
    await createJournal(path, name, await lastNumber(client, arn))
    await marks.nameJournal(name)
    const journal = await openJournal(path)
    if (journal === null) throw new Error('the journal is gone')
    return journal
  }

  const run = async (): Promise<void> => {
    let failures = 0
    let why: string | null = null
    do {
      let journal: Journal | null = null
      const began = Date.now()
      try {
        const arn = await findStream()
        journal = await begin(arn, why)
        why = null
        await follow(arn, journal)
      } catch (error) {
        if (error instanceof CannotGoOn) why = error.message
        else {
          failures = Date.now() - began > LONGEST_PAUSE_MS ? 1 : failures + 1
          if (failures === 1 || stopping())
            log.error('the journal can’t be kept: a restore may not know what ended', error)
          await pause(Math.min(100 * 2 ** failures, LONGEST_PAUSE_MS), stop.signal)
        }
      } finally {
        await journal?.close()
      }
    } while (!stopping())
  }

  const running = run()
  return {
    /** For how many seconds the oldest change that isn't in it has waited; about 0 without news. */
    behind: (): number => Math.max(0, (Date.now() - doneUntil) / 1000),
    /** Takes what was changed until now, and stops. */
    async close(): Promise<void> {
      stop.abort()
      await running
    },
  }
}

// ---------------------------------------------------------------------------------------------

/** The table's stream doesn't continue it. */
class CannotGoOn extends Error {}

const numberOf = (record: StreamRecord | undefined): number =>
  Number(record?.dynamodb?.SequenceNumber)

const changesIn = (arn: string, records: readonly StreamRecord[]): Change[] =>
  streamEvent(arn, records).Records.flatMap(({ dynamodb: { Keys, NewImage, SequenceNumber } }) => {
    const { pk, sk } = Keys as Record<'pk' | 'sk', { S: string }>
    const key = { pk: pk.S, sk: sk.S }
    return isLevelled(key) ? [{ n: Number(SequenceNumber), key, is: NewImage ?? null }] : []
  })

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      done()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
