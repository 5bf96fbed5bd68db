/**
 * DynamoDB as the store's other files use it: strongly consistent reads, and transactions whose
 * failed condition comes back as a label. AWS's errors become ours here and nowhere else.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { Fault } from '../domain/fault.ts'
import { attempts, type RetryPolicy } from '../domain/retry.ts'
import { turn } from '../domain/turns.ts'
import { fromAttributes, fromListed, keyAttributes } from './attributes.ts'
import { audit, type Entry } from './audit.ts'
import { mayBeDone, nameOf, unavailable } from './failures.ts'
import { type Answered, gatherReads } from './gather.ts'
import { TABLE } from './table.ts'
import { type Conflict, createTransact, type Transact } from './transact.ts'
import {
  type Delete,
  deleteInput,
  type Item,
  type ItemKey,
  putInput,
  textOf,
  type UnauditedKey,
  type Update,
  updateInput,
  type Write,
} from './write.ts'

export { type Conflict, ENDING } from './transact.ts'

/** A change of an item that has no audit entry. */
type UnauditedUpdate = Update<string, UnauditedKey>

/** How a list is read, request by request. */
export type Pages = {
  /** Items of one request. Default: as many as DynamoDB gives, 1 MB. */
  readonly most?: number | undefined
  /** Items that are read strongly consistent. What comes behind them costs half, and may be as it was a moment ago. Default: all. */
  readonly strong?: number | undefined
}

/**
 * How a list is read that may be a long one. Its beginning is as current as all other reads, so in a short one callers see their
 * own changes at once. The rest costs half, and comes in pages that don't hold a process up.
 */
export const LONG: Pages = { most: 2000, strong: 2000 }

/** Sort keys from one to another, both included. */
export type Range = Pages & {
  readonly from: string
  readonly to: string
  readonly descending?: boolean
}

/** A page of the expiry index, and where the next one begins. */
export type Due = {
  readonly keys: ItemKey[]
  /** Since when the first of them is due. */
  readonly since: number | null
  readonly next: Record<string, AttributeValue> | undefined
}

/** DynamoDB's own limit (AWS: BatchGetItem). */
const BATCH = 100
const RETRIES = { tries: 8, pauseMs: 400 }
const HURRIED = { tries: 2, pauseMs: 50 }

export const createDb = (client: DynamoDBClient, table: string) => {
  const readOnce = async (
    keys: readonly ItemKey[],
    only?: readonly string[],
  ): Promise<Answered> => {
    const Keys = keys.map(keyAttributes)
    const answer = await send(() =>
      client.send(
        new BatchGetItemCommand({
          RequestItems: { [table]: { Keys, ConsistentRead: true, ...projection(only) } },
        }),
      ),
    )
    return {
      items: (answer.Responses?.[table] ?? []).map((raw) => fromAttributes(raw)),
      left: (answer.UnprocessedKeys?.[table]?.Keys ?? []).map(
        (raw) => fromAttributes(raw) as ItemKey,
      ),
    }
  }

  /** Sends until DynamoDB took all of a batch's keys. */
  const readBatch = async (keys: readonly ItemKey[], only?: readonly string[]): Promise<Item[]> => {
    const found: Item[] = []
    let ask = keys
    if (ask.length === 0) return found
    for await (const _ of attempts(RETRIES)) {
      const { items, left } = await readOnce(ask, only)
      found.push(...items)
      ask = left
      if (ask.length === 0) return found
    }
    throw new Fault('UNAVAILABLE')
  }

  const readAll = async (distinct: readonly ItemKey[]): Promise<Item[]> => {
    if (distinct.length <= BATCH) return readBatch(distinct)
    const found: Item[] = []
    for (let at = 0; at < distinct.length; at += BATCH)
      found.push(...(await readBatch(distinct.slice(at, at + BATCH))))
    return found
  }

  /** Items that a query finds. Each page is read when its first item is asked for. */
  async function* query(
    condition: string,
    values: Record<string, string>,
    options: Pick<
      QueryCommandInput,
      'ScanIndexForward' | 'ProjectionExpression' | 'ExpressionAttributeNames'
    > = {},
    { most, strong = Number.POSITIVE_INFINITY }: Pages = {},
  ): AsyncGenerator<Item> {
    let start: QueryCommandInput['ExclusiveStartKey']
    let read = 0
    do {
      // Converting a page of 1 MB takes milliseconds: those of many callers take turns.
      await turn()
      const page = await send(() =>
        client.send(
          new QueryCommand({
            ...options,
            ...(most !== undefined && { Limit: most }),
            TableName: table,
            ConsistentRead: read < strong,
            KeyConditionExpression: condition,
            ExpressionAttributeValues: marshall(values),
            ExclusiveStartKey: start,
          }),
        ),
      )
      const items = page.Items ?? []
      read += items.length
      for (const raw of items) yield fromListed(raw)
      start = page.LastEvaluatedKey
    } while (start !== undefined)
  }

  /** Sends one conditional write outside a transaction. @returns its answer, or null if the condition failed. */
  const alone = async <T>(
    input: object,
    call: () => Promise<T>,
    retries: RetryPolicy = RETRIES,
  ): Promise<T | null> => {
    for await (const _ of attempts(retries)) {
      try {
        return await call()
      } catch (error) {
        const name = nameOf(error)
        if (name === 'ConditionalCheckFailedException') return null
        // The SDK doesn't retry conflicts with a transaction.
        if (name !== 'TransactionConflictException') throw unavailable(error, input)
      }
    }
    throw new Fault('UNAVAILABLE')
  }

  const write = async (
    update: UnauditedUpdate,
    ReturnValues: 'ALL_NEW' | 'NONE',
    retries: RetryPolicy = RETRIES,
  ): Promise<Item | null> => {
    const input = { ...updateInput(table, update), ReturnValues }
    const answer = await alone(input, () => client.send(new UpdateItemCommand(input)), retries)
    return answer && fromAttributes(answer.Attributes ?? {})
  }

  const transact = createTransact(client, table)
  const unaudited: Transact<UnauditedKey> = transact

  const db = {
    /** Reads items in one request (per 100), in the order of the keys; null where there is none. */
    async read(keys: readonly ItemKey[]): Promise<(Item | null)[]> {
      const wanted = new Map(keys.map((key) => [textOf(key), key]))
      const items = await readAll([...wanted.values()])
      const found = new Map(items.map((item) => [textOf(item as Item & ItemKey), item]))
      return keys.map((key) => found.get(textOf(key)) ?? null)
    },

    /** The same, in one request with what other calls read at this moment. */
    batchedGet: gatherReads((keys) => readOnce(keys), { most: BATCH, retries: RETRIES }),

    /** The same for who rather asks again than waits: keys that DynamoDB leaves are asked for once more, and no longer. */
    batchedGetInHurry: gatherReads((keys) => readOnce(keys), { most: BATCH, retries: HURRIED }),

    async get(key: ItemKey): Promise<Item | null> {
      return (await db.read([key]))[0] ?? null
    },

    /** Some attributes of an item, for functions that may not read the others. */
    async getProjection(key: ItemKey, attributes: readonly string[]): Promise<Item | null> {
      return (await readBatch([key], attributes))[0] ?? null
    },

    /** All items of a partition, or those whose sort key begins so: page after page. */
    list(pk: string, prefix?: string, pages?: Pages): AsyncGenerator<Item> {
      // DynamoDB refuses an empty prefix, though the embedded one doesn't.
      return prefix === undefined
        ? query('pk = :pk', { ':pk': pk }, {}, pages)
        : query(
            'pk = :pk AND begins_with(sk, :prefix)',
            { ':pk': pk, ':prefix': prefix },
            {},
            pages,
          )
    },

    /** Some attributes of all items of a partition. */
    listProjection(pk: string, attributes: readonly string[]): AsyncGenerator<Item> {
      return query('pk = :pk', { ':pk': pk }, projection(attributes))
    },

    /** Items of a partition whose sort keys are in a range, in order or against it. */
    range(pk: string, { from, to, descending = false, ...pages }: Range): AsyncGenerator<Item> {
      const values = { ':pk': pk, ':from': from, ':to': to }
      const order = { ScanIndexForward: !descending }
      return query('pk = :pk AND sk BETWEEN :from AND :to', values, order, pages)
    },

    /** A page of what one shard of the expiry index has due at `now`, the oldest first. */
    async due(shard: string, now: number, most: number, after?: Due['next']): Promise<Due> {
      const { name, partitionKey, sortKey } = TABLE.expiryIndex
      const page = await send(() =>
        client.send(
          new QueryCommand({
            TableName: table,
            IndexName: name,
            KeyConditionExpression: '#shard = :shard AND #due <= :now',
            ExpressionAttributeNames: { '#shard': partitionKey, '#due': sortKey },
            ExpressionAttributeValues: marshall({ ':shard': shard, ':now': now }),
            Limit: most,
            ...(after && { ExclusiveStartKey: after }),
          }),
        ),
      )
      const items = (page.Items ?? []).map((raw) => fromAttributes(raw))
      return {
        keys: items as ItemKey[],
        since: items[0]?.[sortKey] ?? null,
        next: page.LastEvaluatedKey,
      }
    },

    /**
     * One conditional update outside a transaction, for what may be done twice: after a lost answer, the condition may
     * fail on this call's own earlier attempt.
     * @returns the item after it, or null if the condition failed.
     */
    update: (update: UnauditedUpdate): Promise<Item | null> => write(update, 'ALL_NEW'),

    /** The same for functions that may not read the item. @returns whether it was written. */
    updateBlind: async (update: UnauditedUpdate, retries?: RetryPolicy): Promise<boolean> =>
      (await write(update, 'NONE', retries)) !== null,

    /** The same for a delete. */
    async remove(one: Delete): Promise<boolean> {
      const input = deleteInput(table, one)
      return (await alone(input, () => client.send(new DeleteItemCommand(input)))) !== null
    },

    /**
     * Puts an item, in place of what may be there.
     * @param on a condition that an earlier attempt of this very put doesn't break, or of which the caller doesn't mind.
     * @returns false where it was refused, or an attempt may still arrive, and undo later changes of the item.
     */
    async put(
      item: UnauditedKey & Item,
      on: Pick<UnauditedUpdate, 'when' | 'values'> = {},
    ): Promise<boolean> {
      const input = putInput(table, item, on)
      try {
        await client.send(new PutItemCommand(input))
      } catch (error) {
        if (nameOf(error) !== 'ConditionalCheckFailedException') throw unavailable(error)
        return false
      }
      return !mayBeDone(input)
    },

    /** A change: all of the writes and their audit entry, or none, by an authority that still holds. */
    change: <L extends string>(
      entry: Entry,
      writes: readonly Write<L>[],
      retries?: RetryPolicy,
    ): Promise<Conflict<L> | null> => transact<L>([...writes, audit(entry)], retries),

    /** All of the writes or none, of what has no audit entry; by an authority that still holds if one of them names it. */
    transact: unaudited,
  }
  return db
}

export type Db = ReturnType<typeof createDb>

// ---------------------------------------------------------------------------------------------

const projection = (only: readonly string[] | undefined) =>
  only && {
    ProjectionExpression: only.map((name) => `#${name}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(only.map((name) => [`#${name}`, name])),
  }

const send = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call()
  } catch (error) {
    throw unavailable(error)
  }
}
