/**
 * Hands records to the function until it took them all, as Lambda's event source does: in order, what
 * failed again with growing pauses, halving a batch that failed as a whole to find the culprit. A
 * record that keeps failing is named in the log and left behind (there: dead-letter queue).
 */
import type { _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams'
import type { Lambda } from './lambda.ts'
import { log } from './log.ts'
import { progressOf, streamEvent } from './stream-records.ts'

type Deps = {
  /** Name of the function. */
  readonly name: string
  readonly invoke: Lambda
  /** Whether a record of the event is worth a call (Lambda: filter criteria). */
  readonly hears: (record: unknown) => boolean
  /** Tries of one record before it is left behind. */
  readonly tries: number
  /** Waits, and returns early when we stop. */
  readonly pause: (ms: number) => Promise<void>
  readonly stopping: () => boolean
}

/** @returns how many records need not be delivered again; fewer than all only when we stop. */
export const deliver = async (
  arn: string,
  records: readonly StreamRecord[],
  { name, invoke, hears, tries, pause, stopping }: Deps,
): Promise<number> => {
  let at = 0
  let size = records.length
  let failures = 0
  while (at < records.length && !stopping()) {
    const batch = records.slice(at, at + size)
    const heard = batch.filter((record) => streamEvent(arn, [record]).Records.some(hears))
    const progress =
      heard.length === 0 ? null : progressOf(await invoke(streamEvent(arn, heard)), batch)
    if (progress === null) {
      at += batch.length
      size = records.length
      failures = 0
      continue
    }
    if (progress.upTo > 0) failures = 0
    at += progress.upTo
    if (!progress.known && batch.length > 1) {
      size = Math.ceil(batch.length / 2)
      continue
    }
    failures++
    if (failures < tries) {
      await pause(Math.min(100 * 2 ** failures, 2000))
      continue
    }
    const { eventName, dynamodb } = records[at] ?? {}
    log.error('a record of the stream was left behind', undefined, {
      function: name,
      tries,
      change: eventName,
      sequence: dynamodb?.SequenceNumber,
    })
    at++
    failures = 0
  }
  return at
}
