/**
 * Records of calls with an idempotency key. The transaction of the change puts its record, so that one is there if and
 * only if the other is. A record holds no secret that the call showed.
 */
import type { Db } from './db.ts'
import type { ItemKey, Write } from './write.ts'

/** A call that is to be done once. */
export type Once = {
  /** Where it is recorded: follows from who calls, the method and the idempotency key. */
  readonly at: ItemKey
  /** Digest of the parameters. */
  readonly params: string
}

/** What such a call has done. */
export type Done = {
  readonly params: string
  /** What it made or changed, as the audit names it. */
  readonly subject: string | number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** For how long a key stands for the same call: 24 hours. */
export const ONCE_MS = 86_400_000

export const createOnceStore = (db: Db) => ({
  async find({ at }: Once, now: number): Promise<Done | null> {
    const item = await db.get(at)
    if (item === null || item.until <= now) return null
    return { params: item.params, subject: item.subject, at: item.at }
  },
})

export type OnceStore = ReturnType<typeof createOnceStore>

/** The record, as a part of the change. */
export const recording = (
  once: Once | undefined,
  subject: string | number,
  now: number,
): Write<'REPEATED'>[] => {
  if (once === undefined) return []
  const until = now + ONCE_MS
  const { at: place, params } = once
  return [
    {
      put: { ...place, params, subject, at: now, until, ttl: Math.ceil(until / 1000) },
      when: 'attribute_not_exists(#pk) OR #until <= :now',
      values: { now },
      conflict: 'REPEATED',
    },
  ]
}
