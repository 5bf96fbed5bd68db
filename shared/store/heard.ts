/** Which items' changes the two readers of the table's stream act on. */
import { CHECK, KEY, USER } from './item-keys.ts'
import type { ItemKey } from './write.ts'

/** Kinds of items, by their sort keys. */
export const HEARD = { listed: `${KEY}*`, checked: CHECK, user: `${USER}*` } as const
export type Heard = keyof typeof HEARD

/** A stream carries no more than two readers. Each is a function of its name. */
export const READERS = {
  /** Sockets of what ended. A new item ends nothing. */
  close: { hears: ['checked', 'user'], events: ['MODIFY', 'REMOVE'] },
  /** Subscribers. */
  tell: { hears: ['listed'], events: ['INSERT', 'MODIFY', 'REMOVE'] },
} as const satisfies Record<string, Hearing>
export type ReaderName = keyof typeof READERS

type Hearing = {
  readonly hears: readonly Heard[]
  readonly events: readonly ('INSERT' | 'MODIFY' | 'REMOVE')[]
}

/** @returns null for an item whose changes nothing acts on. */
export const heardAs = ({ sk }: ItemKey): Heard | null =>
  (Object.keys(HEARD) as Heard[]).find((kind) => {
    const pattern = HEARD[kind]
    return pattern.endsWith('*') ? sk.startsWith(pattern.slice(0, -1)) : sk === pattern
  }) ?? null

/** Records that a reader is called for, as Lambda has it (AWS: "Filter rule syntax"). What sockets and logins write is
 * not worth a call. */
export const filterOf = (reader: ReaderName) => {
  const { hears, events }: Hearing = READERS[reader]
  const sortKeys = hears.map((kind) => {
    const pattern = HEARD[kind]
    return pattern.endsWith('*') ? { prefix: pattern.slice(0, -1) } : pattern
  })
  return { eventName: events, dynamodb: { Keys: { sk: { S: sortKeys } } } }
}
