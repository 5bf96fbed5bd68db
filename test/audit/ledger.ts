/**
 * What something left in the table: which kinds of items changed, and what the audit says of it. Every kind of
 * item is either audited, so that a change of it without an entry fails, or has a reason here why not.
 */
import { isDeepStrictEqual } from 'node:util'
import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { expect } from 'vitest'
import { AUDIT_EVENTS, type AuditEvent, type Changes } from '../../shared/domain/audit-events.ts'
import type { Who } from '../../shared/store/audit.ts'

type Item = Record<string, unknown> & { readonly pk: string; readonly sk: string }

/** An entry without where it stands. */
export type Entry = {
  readonly at: number
  readonly actor: Who
  readonly event: AuditEvent
  readonly subject: string | number
  readonly changes?: Changes
}

export type Left = {
  /** Audited kinds of which an item came, went or changed. */
  readonly changed: readonly string[]
  /** All kinds of which one did. */
  readonly touched: readonly string[]
  readonly entries: readonly Entry[]
}

const AUDITED = new Set('META SLUG TENANT USER KEY CHECK NAME OWN DEVICE INVITE'.split(' '))

/** Kinds that change without an entry, and why: those that `itemKey` gives an `UnauditedKey`, and what comes with others. */
const UNAUDITED: Readonly<Record<string, string>> = {
  AUDIT: 'the audit itself',
  CONN: 'a socket, and what is settled on it',
  SESSION: 'a login, which auth.sessions shows; who ends another’s leaves an entry',
  TOKEN: 'goes on from a login: no more than that, and no longer',
  SUB: 'who listens on a socket',
  USED: 'when a key logged in, to the hour',
  SEEN: 'when a device was seen, to the hour',
  GATE: 'says again what an audited change of a user, a tenant or its sessions said',
  PROPAGATE: 'a cursor of such a change',
  BUDGET: 'a count',
  COUNT: 'a count',
  ONCE: 'what a call made that is audited itself',
  KNOWN: 'a count; the try that spends it has an entry',
  OTHERS: 'a count; the try that spends it has an entry',
  SPENT: 'what a name that isn’t there gets instead of that entry',
  INVITED: 'a count',
  INSTALLATION: 'which folder the table belongs to, said by its first start',
  SIGNING: 'the service’s own, made by its clock',
  SERVICE: 'the service’s own: a counter, and its data key',
}

/** Does something, and says what that left. Entries that were there must stay as they were. */
export const watch = async (table: string, work: () => Promise<unknown>): Promise<Left> => {
  const before = await scan(table)
  await work()
  const after = await scan(table)
  const places = [...new Set([...before.keys(), ...after.keys()])]
  const touched = places.filter((at) => !isDeepStrictEqual(before.get(at), after.get(at)))
  const kinds = touched.map((at) => kindOf(read(after.get(at) ?? before.get(at))))
  for (const kind of kinds)
    expect(
      AUDITED.has(kind) || kind in UNAUDITED,
      `say in test/audit/ledger.ts whether changes of ${kind} items are audited`,
    ).toBe(true)
  const audit = touched.filter((_, i) => kinds[i] === 'AUDIT')
  expect(
    audit.filter((at) => before.has(at)),
    'audit entries are written once',
  ).toEqual([])
  return {
    touched: [...new Set(kinds)].sort(),
    changed: [...new Set(kinds.filter((kind) => AUDITED.has(kind)))].sort(),
    entries: audit.sort().map((at) => entryOf(read(after.get(at)))),
  }
}

/** What entries say: `event subject`, and what changed of that. */
export type Said = Readonly<Record<string, Changes>>

export const said = ({ entries }: Left): Said => {
  const all = entries.map(({ event, subject, changes }) => [`${event} ${subject}`, changes ?? {}])
  expect(new Set(all.map(([what]) => what)).size, 'one entry of each').toBe(all.length)
  return Object.fromEntries(all)
}

/** Events that only routes and the clock bring about (`routes.test.ts`). All others are those of methods. */
export const OF_ROUTES: readonly AuditEvent[] = [
  'tenant.create',
  'tenant.suspend',
  'tenant.resume',
  'key.revoke.insecure',
  'key.revoke.expired',
  'key.grace.end',
  'device.invite.insecure',
]

/** Refuses a list of events of which some have left no entry so far. */
export const expectHeard = (events: readonly AuditEvent[]): void =>
  expect(
    events.filter((event) => !heard.has(event)),
    'give each event a row in test/audit/ that leaves it, or take it out of shared/domain/audit-events.ts',
  ).toEqual([])

// ---------------------------------------------------------------------------------------------

const heard = new Set<AuditEvent>()

type Asked = { readonly of: string } & {
  readonly [P in 'before' | 'after' | 'sums']?: readonly string[]
}

const entryOf = ({ pk: _, sk: __, ttl: ___, ...item }: Item): Entry => {
  const entry = item as unknown as Entry
  const { actor, event, changes } = entry
  expect(Object.keys(AUDIT_EVENTS), 'an event of the closed list').toContain(event)
  heard.add(event)
  const { before = [], after = [], sums = [] }: Asked = AUDIT_EVENTS[event]
  // Nothing else is in an entry, so nothing secret.
  const names = ['actor', 'at', 'event', 'subject', ...(changes ? ['changes'] : []), ...sums]
  expect(Object.keys(entry).sort()).toEqual(names.sort())
  expect(Object.keys(actor).sort()).toEqual(['address', 'keyId', 'username'])
  for (const [field, change] of Object.entries(changes ?? {}))
    for (const [side, of] of [
      ['from', before],
      ['to', after],
    ] as const)
      if (side in change) expect(of, `${side} in an entry of ${event}`).toContain(field)
  return entry
}

const kindOf = ({ pk, sk }: Item): string => {
  if (/^C#/.test(pk)) return 'CONN'
  const [first = '', second = ''] = (/^T#\d+#(.*)$/.exec(pk)?.[1] ?? pk).split('#')
  if (first === 'SUB' || first === 'AUDIT' || first === 'BUDGET') return first
  if (first === 'COUNT' || first === 'ONCE') return first
  if (first === 'SLUG' || first === 'SIGNING') return first
  const kind = sk.split('#')[0] ?? ''
  return first === 'SERVICE' && second === '' && kind === 'META' ? 'SERVICE' : kind
}

type Stored = Record<string, AttributeValue>

/** What an item's attributes are on the wire, by where it stands. */
const scan = async (table: string): Promise<Map<string, Stored>> => {
  const client = new DynamoDBClient({})
  const found = new Map<string, Stored>()
  const pages = paginateScan({ client }, { TableName: table, ConsistentRead: true })
  for await (const { Items = [] } of pages)
    for (const item of Items) found.set(`${item.pk?.S} ${item.sk?.S}`, item)
  client.destroy()
  return found
}

const read = (item: Stored | undefined): Item => unmarshall(item ?? {}) as Item
