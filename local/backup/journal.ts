/**
 * The journal: what a restore must know of changes since a backup, kept apart from the table, so that it is there when the table
 * isn't. A reader of the table's stream appends it. Each journal has a name, which the table has too, and with it each backup:
 * no restore takes one for another. One that can't go on is set aside, and a new one begins.
 */
import { randomUUID } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type {
  DynamoDBStreamsClient,
  _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams'
import type { InstallationStore } from '../../shared/store/installation.ts'
import { isLevelled } from '../../shared/store/restoring.ts'
import { isThere } from '../durable.ts'
import { type Kind, lockFolder } from '../lock.ts'
import { log } from '../log.ts'
import { pause } from '../pause.ts'
import { streamEvent } from '../stream-records.ts'
import {
  type Change,
  createJournal,
  Damaged,
  type Entry,
  type Journal,
  openJournal,
} from './journal-file.ts'
import { identityOf, lastOf, numberOf, readBehind } from './stream-end.ts'

const BATCH = 1000
/** How late the file says that records of no interest were read, and that there was nothing to read. */
const BEAT_MS = 5000
const LONGEST_PAUSE_MS = 10_000

/** Each installation has a folder of its own there, which one service has at a time. */
export const journalOf = (folder: string, id: string): string => join(folder, id, 'journal.jsonl')
const KIND: Kind = { is: 'journal’s folder', setting: 'KEYHARBOR_JOURNAL' }

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
  let unlock: (() => Promise<void>) | undefined
  /** All changes until then are in it, in milliseconds since the epoch. */
  let doneUntil = Date.now()

  const follow = async (arn: string, journal: Journal): Promise<void> => {
    let { to: position, was } = journal.last()
    // From the last one that is in it, which shows that the table has got so far, and is that one.
    const read = await readBehind(client, arn, Math.max(0, position - 1))
    let isFirst = position > 0
    let saved = 0
    for (;;) {
      const wasStopping = stopping()
      const looked = Date.now()
      const page = await read(BATCH)
      if (isFirst) assertSame(page[0], { to: position, was })
      const records = isFirst ? page.slice(1) : page
      isFirst = false
      let to = position
      for (const record of records)
        if (numberOf(record) !== ++to) throw new CannotGoOn('the stream has a gap behind it')
      const last = records.at(-1)
      if (last !== undefined) was = identityOf(last)
      const changes = changesIn(arn, records)
      // Behind a page there may be more of its last second.
      const then = last?.dynamodb?.ApproximateCreationDateTime?.getTime()
      const at = last === undefined ? looked : Math.min(looked, (then ?? looked) - 1000)
      if (changes.length > 0 || looked - saved > BEAT_MS || wasStopping) {
        await journal.append({ to, was, at, changes })
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
    unlock ??= await lockFolder(dirname(path), KIND)
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
    await createJournal(path, name, await lastOf(client, arn))
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
    await unlock?.()
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

/** @param first the first record from the last that is in the journal. */
const assertSame = (first: StreamRecord | undefined, { to, was }: Pick<Entry, 'to' | 'was'>) => {
  if (first === undefined)
    throw new CannotGoOn('the table lacks the last changes that it has, though they were answered')
  if (numberOf(first) !== to) throw new CannotGoOn('the stream has a gap behind it')
  if (identityOf(first) !== was) throw new CannotGoOn('the table has another history')
}

const changesIn = (arn: string, records: readonly StreamRecord[]): Change[] =>
  streamEvent(arn, records).Records.flatMap(({ dynamodb: { Keys, NewImage, SequenceNumber } }) => {
    const { pk, sk } = Keys as Record<'pk' | 'sk', { S: string }>
    const key = { pk: pk.S, sk: sk.S }
    return isLevelled(key) ? [{ n: Number(SequenceNumber), key, is: NewImage ?? null }] : []
  })
