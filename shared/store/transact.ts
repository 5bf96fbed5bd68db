/**
 * Transactions, by an authority that still holds when they are made. Each is settled: done, refused for a condition,
 * certainly not done and never to be, or, where DynamoDB can't be asked either, OUTCOME_UNKNOWN.
 *
 *   answer lost ──▶ withdraw: put a withdrawal where the transaction puts its mark, if nothing is there
 *                      ├── put ────────▶ not done, and a late copy of the request fails by its mark
 *                      └── mark there ─▶ done
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { sayThatSent } from '../domain/carried.ts'
import { Fault } from '../domain/fault.ts'
import { attempts, type RetryPolicy } from '../domain/retry.ts'
import { fromAttributes } from './attributes.ts'
import { mayBeDone, noteAttempts, unavailable } from './failures.ts'
import { ABSENT, type Item, type ItemKey, toTransactItem, type Write } from './write.ts'

/** A condition that did not hold: whose, and the item that it met. */
export type Conflict<L extends string> = { readonly reason: L; readonly old: Item | null }

/** How often a transaction that conflicts with another is tried. */
const RETRIES: RetryPolicy = { tries: 8, pauseMs: 400 }

/** How long the end of an authority is tried against conflicts with calls in flight, however many. Three of these after
 * one another are under the 29 s that API Gateway gives a call. */
export const ENDING = { tries: 8, forMs: 8000, pauseMs: 25 } as const satisfies RetryPolicy

/** All of the writes or none. */
export type Transact<K extends ItemKey = ItemKey> = <L extends string>(
  writes: readonly Write<L, K>[],
  retries?: RetryPolicy,
) => Promise<Conflict<L> | null>

export const createTransact = (client: DynamoDBClient, table: string): Transact => {
  noteAttempts(client)

  /**
   * Does all of the writes or none, and never twice if one of them is a mark. A conflict with another transaction is
   * tried again; a condition that doesn't hold is an answer, unless this call's own earlier attempt broke it.
   * @returns null when written, else the label of the first condition that failed.
   * @throws Fault UNAVAILABLE where nothing was written (or, without a mark, what may be written again);
   * OUTCOME_UNKNOWN.
   */
  const settled = async <L extends string>(
    writes: readonly Write<L>[],
    retries: RetryPolicy = RETRIES,
  ): Promise<Conflict<L> | null> => {
    const input = { TransactItems: writes.map((write) => toTransactItem(table, write)) }
    const settle = async (
      refusal: () => Conflict<L>,
      cause: unknown,
    ): Promise<Conflict<L> | null> => {
      const mark = mayBeDone(input) ? writes.find(isMark) : undefined
      if (mark !== undefined && (await isDone(client, table, mark, cause))) return null
      return refusal()
    }
    let last: unknown
    for await (const _ of attempts(retries)) {
      if (writes.some((write) => isMark(write) || write.by)) sayThatSent()
      try {
        await client.send(new TransactWriteItemsCommand(input))
        return null
      } catch (error) {
        last = error
        if (!(error instanceof TransactionCanceledException)) break
        if (!isConflict(error)) return settle(() => firstConflict(writes, error), error)
      }
    }
    return settle(() => fail(unavailable(last, input)), last)
  }

  return underAuthority(settled)
}

/** The same transactions, under the condition of the authority that one of the writes names, mostly the audit entry: a call
 * whose session has ended changes nothing. */
export const underAuthority =
  (transact: Transact): Transact =>
  async <L extends string>(writes: readonly Write<L>[], retries?: RetryPolicy) => {
    const by = writes.find((write) => write.by)?.by
    if (!by) return transact(writes, retries)
    for (;;) {
      const held = await by.hold()
      // This condition comes first: a caller whose session ended learns of no other conflict.
      const conflict = await transact<L | 'SESSION_ENDED'>([held.write, ...writes], retries)
      // A reused copy may be gone while its session holds: try with a new one, which confirms the session.
      if (conflict?.reason === 'SESSION_ENDED' && conflict.old === null && !held.isNew) continue
      if (conflict?.reason === 'SESSION_ENDED') throw held.refusal(conflict.old)
      held.release()
      if (conflict === null) by.onChange?.()
      return conflict as Conflict<L> | null
    }
  }

// ---------------------------------------------------------------------------------------------

/** How often an outcome is tried to be settled, and until when a try may begin: a call has 29 s. */
const SETTLING: RetryPolicy = { tries: 4, withinMs: 5000, pauseMs: 400 }

type Mark = { readonly put: Item; readonly mark: number }

const isMark = <L extends string>(write: Write<L>): write is Write<L> & Mark =>
  'put' in write && write.mark !== undefined

/** Whether the transaction with this mark was done. If not, it never will be. @throws Fault OUTCOME_UNKNOWN */
const isDone = async (
  client: DynamoDBClient,
  table: string,
  { put, mark }: Mark,
  cause: unknown,
): Promise<boolean> => {
  const { pk, sk } = put as Item & ItemKey
  const withdrawal = { put: { pk, sk, withdrawn: true, ttl: mark }, when: ABSENT }
  const { Put } = toTransactItem(table, withdrawal)
  for await (const _ of attempts(SETTLING)) {
    try {
      await client.send(new PutItemCommand(Put as NonNullable<typeof Put>))
      return false
    } catch (error) {
      // What is there may be the withdrawal of an earlier try.
      if (error instanceof ConditionalCheckFailedException && error.Item !== undefined)
        return fromAttributes(error.Item).withdrawn !== true
    }
  }
  throw new Fault('OUTCOME_UNKNOWN', {}, { cause })
}

/** Whether nothing but other transactions, or a throttle, was in the way. */
const isConflict = ({ CancellationReasons = [] }: TransactionCanceledException): boolean =>
  CancellationReasons.every(({ Code = 'None' }) => PASSING.has(Code))

const PASSING: ReadonlySet<string> = new Set([
  'None',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
])

/** @throws the error where it is a mistake of ours: trying again would not mend it. */
const firstConflict = <L extends string>(
  writes: readonly Write<L>[],
  error: TransactionCanceledException,
): Conflict<L> => {
  const reasons = error.CancellationReasons ?? []
  const at = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed')
  const write = writes[at]
  // The withdrawal was there first: nothing is done, and a new call may do it.
  if (write !== undefined && isMark(write)) throw new Fault('UNAVAILABLE', {}, { cause: error })
  const label = write?.conflict
  if (label === undefined) throw error
  const { Item: old } = reasons[at] ?? {}
  return { reason: label, old: old === undefined ? null : fromAttributes(old) }
}

const fail = (error: unknown): never => {
  throw error
}
