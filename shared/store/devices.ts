/**
 * Devices and the invitations by which they enrol. A device is a key and what is known of who has it: its
 * item comes and goes with the key's (`keys.add`, `keys.remove`), and has the same number.
 */
import type { KeyRef } from '../domain/key.ts'
import type { Act, Actor } from './audit.ts'
import type { Session } from './connection-items.ts'
import type { Conflict, Db } from './db.ts'
import { enrolled, itemKey, tenantPk } from './item-keys.ts'
import { type KeyFacts, toListed } from './key-items.ts'
import { type Numbers, pagesOf } from './key-lists.ts'
import { type Once, recording } from './once.ts'
import { ABSENT, type Item, PRESENT, type Write } from './write.ts'

/** What an enrolment token stands for. The token itself is nowhere in the table. */
export type Invitation = {
  /** The session that made it: it is as good as what opened that, a key or a password. */
  readonly session: Session
  /** The only name that the device may take; null leaves it to the device. */
  readonly name: string | null
  readonly until: number
}

/** What a device says of itself. */
export type DeviceFacts = {
  readonly model: string | null
  readonly serial: string | null
  readonly version: string | null
}

/** What enrolment uses up and keeps, beside the device's key. */
export type Enrolment = {
  readonly token: string
  readonly facts: DeviceFacts
  /** Network address of the device. */
  readonly from: string
  /** Name of the user who invited it. */
  readonly by: string
}

export type Device = DeviceFacts & {
  readonly key: KeyFacts
  readonly from: string
  readonly by: string
  /** When it was last seen; null if never. Milliseconds since the epoch. */
  readonly seenAt: number | null
}

const HOUR_MS = 3_600_000
/** Devices of one read: with each go its key and when it was seen, and a hundred items are one request. */
const MANY = 33

export const createDevices = (db: Db) => {
  /** @param known the devices' own items, if they were read already. */
  const devicesOf = async (
    tenant: number,
    numbers: readonly number[],
    known?: readonly Item[],
  ): Promise<Device[]> => {
    const refs = numbers.map((n) => ({ tenant, n }))
    const parts = [itemKey.key, itemKey.seen, ...(known === undefined ? [itemKey.device] : [])]
    const items = await db.read(parts.flatMap((of) => refs.map(of)))
    return refs.flatMap((_, at) => {
      const [key, seen] = [items[at], items[refs.length + at]]
      const device = known === undefined ? items[2 * refs.length + at] : known[at]
      return device && key ? [toDevice(device, toListed(key, tenant), seen ?? null)] : []
    })
  }

  return {
    /**
     * Counts an invitation for its hour, if fewer than `most` were made in it. Open invitations aren't counted:
     * DynamoDB deletes expired ones by itself, so a counter would drift, and a query would read them all.
     */
    mayInvite(tenant: number, at: number, most: number): Promise<boolean> {
      const hour = Math.floor(at / HOUR_MS)
      return db.updateBlind({
        update: itemKey.invited(tenant, hour),
        add: { made: 1 },
        set: { ttl: ((hour + 1) * HOUR_MS) / 1000 },
        when: 'attribute_not_exists(#made) OR #made < :most',
        values: { most },
      })
    },

    async invite(
      token: string,
      facts: Invitation,
      { at, actor, once }: Act & { readonly once?: Once | undefined },
    ): Promise<Conflict<'REPEATED'> | null> {
      const { session, name, until } = facts
      const { tenant } = session
      const data = { subject: { invitation: name ?? '' }, after: { expires_at: until } }
      return db.change<'REPEATED'>({ tenant, at, actor, event: 'device.invite', ...data }, [
        ...recording(once, name ?? '', at),
        { put: { ...itemKey.invitation(tenant, token), ...facts, ttl: Math.ceil(until / 1000) } },
      ])
    },

    /** An invitation; null if there is none. */
    async invitation(tenant: number, token: string): Promise<Invitation | null> {
      return (await db.get(itemKey.invitation(tenant, token))) as Invitation | null
    },

    /** Ends an invitation whose token was sent in clear. Does nothing if it is gone already. */
    async expose(token: string, { session, name }: Invitation, at: number, actor: Actor) {
      const { tenant } = session
      const subject = { invitation: name ?? '' }
      await db.change<'GONE'>({ tenant, at, actor, event: 'device.invite.insecure', subject }, [
        { delete: itemKey.invitation(tenant, token), when: PRESENT, conflict: 'GONE' },
      ])
    },

    byNumbers: async (tenant: number, numbers: readonly number[]): Promise<Device[]> => {
      const found: Device[] = []
      for (let at = 0; at < numbers.length; at += MANY)
        found.push(...(await devicesOf(tenant, numbers.slice(at, at + MANY))))
      return found
    },

    /** Devices of a tenant by their numbers, both ends included, in order or against it. */
    async *inRange(tenant: number, { from, to, ...how }: Numbers): AsyncGenerator<Device> {
      const range = { ...pagesOf(how), from: enrolled(from), to: enrolled(to) }
      let items: Item[] = []
      const read = () => devicesOf(tenant, numbersOf(items), items)
      for await (const item of db.range(tenantPk(tenant), range)) {
        items.push(item)
        if (items.length < MANY) continue
        yield* await read()
        items = []
      }
      yield* await read()
    },

    /** The device that has a key; null once it is gone. */
    async of(key: KeyFacts): Promise<Device | null> {
      const [device, seen] = await db.read([itemKey.device(key), itemKey.seen(key)])
      return device ? toDevice(device, key, seen ?? null) : null
    },
  }
}

export type Devices = ReturnType<typeof createDevices>

/** What enrolment writes beside the key: the token is used up, or nothing is made. */
export const enrolling = (
  ref: KeyRef,
  { token, facts, from, by }: Enrolment,
  now: number,
): Write<'NOT_INVITED'>[] => [
  {
    delete: itemKey.invitation(ref.tenant, token),
    when: '#until > :now',
    values: { now },
    conflict: 'NOT_INVITED',
  },
  { put: { ...itemKey.device(ref), n: ref.n, ...facts, from, by }, when: ABSENT },
]

/** What is deleted with a device's key. */
export const leaving = (ref: KeyRef): Write<never>[] => [
  { delete: itemKey.device(ref) },
  { delete: itemKey.seen(ref) },
]

// ---------------------------------------------------------------------------------------------

const numbersOf = (items: readonly Item[]): number[] => items.map(({ n }) => n)

const toDevice = (item: Item, key: KeyFacts, seen: Item | null): Required<Device> => ({
  key,
  model: item.model,
  serial: item.serial,
  version: item.version,
  from: item.from,
  by: item.by,
  seenAt: seen?.seenAt ?? null,
})
