/**
 * Writes as plain objects. Names and values of expressions are collected from what is written:
 * `#name` in a condition is the attribute `name`, `:x` the value `x`.
 */
import type { TransactWriteItem, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { Fault } from '../domain/fault.ts'

/** Where an item lies that `db.change` alone writes, with an audit entry, unless it is an {@link UnauditedKey}. The compiler
 * tells them apart by `isAudited`, which no key has. */
export type ItemKey = { readonly pk: string; readonly sk: string; readonly isAudited?: true }
/** Where items lie that change without an entry. */
export type UnauditedKey = { readonly pk: string; readonly sk: string; readonly isAudited?: never }

/** For a write that changes nothing of which the audit speaks: who makes one says what it changes. */
export const unaudited = ({ pk, sk }: ItemKey): UnauditedKey => ({ pk, sk })

/** An item key as one text, for maps. */
export const textOf = ({ pk, sk }: ItemKey): string => `${pk}\0${sk}`

// Items come from and go to one table that only this folder knows; each file names its own shape.
// biome-ignore lint/suspicious/noExplicitAny: the shape is the store file's
export type Item = Record<string, any>
type Values = Readonly<Record<string, unknown>>

type Condition<L extends string> = {
  /** Condition expression. */
  readonly when?: string
  readonly values?: Values
  /** Label of the conflict if the condition fails. Without one, that is a mistake of ours. */
  readonly conflict?: L
}

export type Update<L extends string = string, K extends ItemKey = ItemKey> = Condition<L> & {
  readonly update: K
  readonly set?: Values
  readonly remove?: readonly string[]
  readonly add?: Readonly<Record<string, number>>
  /** Puts one entry into a map, and leaves its others alone. */
  readonly entry?: { readonly of: string; readonly name: string; readonly value: unknown }
}

/** A delete of what needs no audit entry, on a condition or none. */
export type Delete = Condition<string> & { readonly delete: UnauditedKey }

/** One write of a transaction. */
export type Write<L extends string = string, K extends ItemKey = ItemKey> = (
  | (Condition<L> & {
      readonly put: K & Item
      /**
       * Makes it this transaction's mark (`transact.ts`): an item that nobody else ever puts, on the condition that
       * it isn't there. Says until when a withdrawal of it is kept, in seconds since the epoch.
       */
      readonly mark?: number
    })
  | Update<L, K>
  | (Condition<L> & { readonly delete: K })
  | (Condition<L> & { readonly check: ItemKey })
) & {
  /** The authority that it is done by: the transaction checks that it still holds. Null: none that could end. */
  readonly by?: Authority | null
}

/** One that needs no audit entry. */
export type Unaudited<L extends string = string> = Write<L, UnauditedKey>

/** A session's copy that one transaction holds: no other uses it at the same time. */
export type Held = {
  readonly write: Write<'SESSION_ENDED'>
  /** Whether the copy was made, and the session confirmed, for this very transaction. */
  readonly isNew: boolean
  /** Called when the transaction is over for certain, so never after a failure that leaves the outcome open. */
  readonly release: () => void
  /** What the call is refused with. @param old the item that the condition met, null where there was none. */
  readonly refusal: (old: Item | null) => Fault
}

/** @throws Fault from `hold` where the session doesn't hold any more. */
export type Authority = {
  readonly hold: () => Promise<Held>
  /** Called after a change by it. */
  readonly onChange?: () => void
}

export const ABSENT = 'attribute_not_exists(#pk)'
export const PRESENT = 'attribute_exists(#pk)'

export const toItem = (value: Item) => marshall(value, { removeUndefinedValues: true })

export const toTransactItem = (table: string, write: Write): TransactWriteItem => {
  const onConflict = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }
  if ('update' in write) return { Update: { ...updateInput(table, write), ...onConflict } }
  if ('put' in write) return { Put: { ...putInput(table, write.put, write), ...onConflict } }
  if ('delete' in write) return { Delete: { ...deleteInput(table, write), ...onConflict } }
  return {
    ConditionCheck: {
      TableName: table,
      ...expressions(write.when ?? '', write.values ?? {}),
      ConditionExpression: write.when,
      Key: toItem(write.check),
      ...onConflict,
    },
  }
}

export const deleteInput = (
  table: string,
  { delete: key, when, values = {} }: Condition<string> & { readonly delete: ItemKey },
) => ({
  TableName: table,
  Key: toItem(key),
  ...(when === undefined ? {} : { ConditionExpression: when }),
  ...expressions(when ?? '', values),
})

export const putInput = (
  table: string,
  item: Item,
  { when, values = {} }: Pick<Update, 'when' | 'values'>,
) => ({
  TableName: table,
  Item: toItem(item),
  ...(when === undefined ? {} : { ConditionExpression: when }),
  ...expressions(when ?? '', values),
})

export const updateInput = (
  table: string,
  { update, set = {}, remove = [], add = {}, entry, when, values = {} }: Update,
): UpdateItemCommandInput & { UpdateExpression: string } => {
  // A value of undefined means "leave it": exactOptionalPropertyTypes can't say so for a record.
  const sets = Object.entries(set).filter(([, value]) => value !== undefined)
  const targets = [
    ...sets.map(([name]) => `#${name} = :set_${name}`),
    ...(entry === undefined ? [] : [`#${entry.of}.#entry = :entry`]),
  ]
  const clauses = [
    targets.length > 0 && `SET ${targets.join(', ')}`,
    remove.length > 0 && `REMOVE ${remove.map((name) => `#${name}`).join(', ')}`,
    Object.keys(add).length > 0 &&
      `ADD ${Object.keys(add)
        .map((name) => `#${name} :add_${name}`)
        .join(', ')}`,
  ].filter((clause) => clause !== false)
  const UpdateExpression = clauses.join(' ')
  const all = {
    ...values,
    ...Object.fromEntries(sets.map(([name, value]) => [`set_${name}`, value])),
    ...Object.fromEntries(Object.entries(add).map(([name, value]) => [`add_${name}`, value])),
    ...(entry !== undefined && { entry: entry.value }),
  }
  const { ExpressionAttributeNames: names, ...bound } = expressions(
    `${UpdateExpression} ${when ?? ''}`,
    all,
  )
  return {
    TableName: table,
    Key: toItem(update),
    UpdateExpression,
    ...(when === undefined ? {} : { ConditionExpression: when }),
    ...bound,
    ...(names !== undefined && {
      ExpressionAttributeNames: entry === undefined ? names : { ...names, '#entry': entry.name },
    }),
  }
}

// ---------------------------------------------------------------------------------------------

const expressions = (
  text: string,
  values: Values,
): Pick<UpdateItemCommandInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> => {
  const names = Object.fromEntries([...text.matchAll(/#(\w+)/g)].map(([at, name]) => [at, name]))
  const bound = Object.fromEntries(Object.entries(values).map(([name, v]) => [`:${name}`, v]))
  return {
    ...(Object.keys(names).length > 0 && {
      ExpressionAttributeNames: names as Record<string, string>,
    }),
    ...(Object.keys(bound).length > 0 && { ExpressionAttributeValues: toItem(bound) }),
  }
}
