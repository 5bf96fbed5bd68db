/** Keys as they are listed: by number, by name, by owner. Each reads no more than its part of the tenant. */
import { BATCH, type Db, type Walk } from './db.ts'
import { type KeyFacts, toFacts } from './key-items.ts'
import { NAMES, ownedBy, place, tenantPk } from './places.ts'

/** From one number to another, both included. */
export type Numbers = { readonly from: number; readonly to: number }
/** From one name to another, both included; null: from the first, to the last. */
export type Names = { readonly from: string | null; readonly to: string | null }

export const createKeyLists = (db: Db) => {
  const byNumbers = async (tenant: number, numbers: readonly number[]): Promise<KeyFacts[]> => {
    const items = await db.read(numbers.map((n) => place.key({ tenant, n })))
    return items.filter((item) => item !== null).map((item) => toFacts(item, tenant))
  }
  return {
    byNumbers,

    /** All keys of a tenant, in the order of their numbers. */
    async *all(tenant: number): AsyncGenerator<KeyFacts> {
      for await (const item of db.list(tenantPk(tenant), 'KEY#')) yield toFacts(item, tenant)
    },

    /** Keys by their numbers, page by page. */
    async *inRange(tenant: number, { from, to }: Numbers, walk: Walk): AsyncGenerator<KeyFacts[]> {
      const first = place.key({ tenant, n: from })
      const last = place.key({ tenant, n: to })
      for await (const items of db.between(first.pk, first.sk, last.sk, walk))
        yield items.map((item) => toFacts(item, tenant))
    },

    /** Names and whose they are, in the order of code points, page by page: that is the order of UTF-8. */
    async *named(
      tenant: number,
      { from, to }: Names,
      walk: Walk,
    ): AsyncGenerator<{ name: string; n: number }[]> {
      const first = from === null ? NAMES.from : place.keyName(tenant, from).sk
      const last = to === null ? NAMES.to : place.keyName(tenant, to).sk
      for await (const items of db.between(tenantPk(tenant), first, last, walk))
        yield items.map(({ sk, n }) => ({ name: sk.slice(NAMES.from.length), n }))
    },

    /** Whose the names are, of those that are taken. */
    async numbersOf(tenant: number, names: readonly string[]): Promise<number[]> {
      const items = await db.read(names.map((name) => place.keyName(tenant, name)))
      return items.flatMap((item) => (item === null ? [] : [item.n as number]))
    },

    /** By their numbers, in parts: as many as are wanted first, then as many as one request reads. */
    async *inParts(
      tenant: number,
      numbers: readonly number[],
      wanted: number,
    ): AsyncGenerator<KeyFacts[]> {
      let size = Math.min(wanted, BATCH)
      for (let at = 0; at < numbers.length; at += size) {
        if (at > 0) size = BATCH
        yield await byNumbers(tenant, numbers.slice(at, at + size))
      }
    },

    /** Numbers of a user's keys. */
    async ownedBy(tenant: number, uid: number): Promise<number[]> {
      const numbers: number[] = []
      for await (const { n } of db.list(tenantPk(tenant), ownedBy(uid))) numbers.push(n as number)
      return numbers
    },

    /** Who owns each key of a tenant: `uid → [n]`. */
    async owners(tenant: number): Promise<Map<number, number[]>> {
      const owners = new Map<number, number[]>()
      for await (const { uid, n } of db.list(tenantPk(tenant), 'OWN#'))
        if (!owners.get(uid)?.push(n)) owners.set(uid, [n])
      return owners
    },

    async nameTaken(tenant: number, name: string): Promise<number | null> {
      return ((await db.get(place.keyName(tenant, name)))?.n as number | undefined) ?? null
    },
  }
}
