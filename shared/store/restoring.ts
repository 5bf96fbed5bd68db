/**
 * What a table from a backup must not bring back. For a table that nobody else has open: nothing here is a transaction, and what
 * is done is what the newer table's audit tells of.
 */
import { isDeepStrictEqual } from 'node:util'
import type { KeyRef } from '../domain/key.ts'
import { REASON } from '../domain/lifecycle.ts'
import { fromAttributes } from './attributes.ts'
import type { Db } from './db.ts'
import { COPIES } from './gate.ts'
import { itemKey, KEY, SESSION_SHARDS, sessionsPk, tenantPk, USER } from './item-keys.ts'
import { directoryRef, listedRef } from './item-refs.ts'
import { visit } from './key-items.ts'
import { COUNTS } from './key-lists.ts'
import { type Item, type ItemKey, type UnauditedKey, unaudited } from './write.ts'

/** Thrown where the other table isn't the newer one. */
export class NotNewer extends Error {
  override readonly name = 'NotNewer'
}

/** How many numbers may have been given since a backup of which no newer table is there. */
const NUMBERS = { keys: 1_000_000, users: 1_000_000 }
/** As of a lock: no change that was made before overtakes it. */
const LEAP = 1000

/** Whether it is an item of the newer table that `takeEndings` looks at: without these nobody knows what ended. */
export const isLevelled = ({ pk, sk }: ItemKey): boolean => LEVELLED.test(`${pk} ${sk}`)

/** Puts an item, in DynamoDB's JSON with binary as base64, as it was read of a stream; null takes it out. */
export const putImage = async (db: Db, key: ItemKey, image: Item | null): Promise<void> => {
  if (image === null) await db.remove({ delete: unaudited(key) })
  else await db.put({ ...fromAttributes(unpacked(image)), ...unaudited(key) })
}

/**
 * Makes each tenant, user and key of the restored table as it is in the newer one, and takes out those that aren't there any
 * more. What is only in the newer one isn't brought back.
 * @throws NotNewer where something is older there; the restored table is good for nothing then.
 */
export const takeEndings = async (restored: Db, newer: Db): Promise<void> => {
  await level(restored, newer, [itemKey.service])
  for (const tenant of await tenantsOf(restored)) {
    const counts = await restored.get(itemKey.tenant(tenant))
    const later = await newer.get(itemKey.tenant(tenant))
    if (counts === null || later === null || later.keys < counts.keys || later.users < counts.users)
      throw new NotNewer()
    const { keyCount, counted } = counts
    await restored.put({ ...later, keyCount, counted, ...unaudited(itemKey.tenant(tenant)) })
    const gates = Array.from({ length: COPIES }, (_, copy) => itemKey.gate(tenant, copy))
    await level(restored, newer, [itemKey.directory(tenant), ...gates])
    for (const prefix of [USER, 'INVITE#', 'PROPAGATE#'])
      await level(restored, newer, await keysIn(restored, tenantPk(tenant), prefix))
    await level(restored, newer, await keysIn(newer, tenantPk(tenant), 'PROPAGATE#'))
    await levelKeys(restored, newer, tenant)
  }
}

/** Revokes every key, locks every user and withdraws every invitation: where nobody knows which of them ended since. */
export const endAll = async (restored: Db, at: number): Promise<void> => {
  const revoked = { at, cause: 'asked', reason: REASON.asked }
  for (const tenant of await tenantsOf(restored)) {
    for (const ref of await listedIn(restored, tenant))
      for (const key of [itemKey.key(ref), itemKey.check(ref)])
        await restored.update({
          update: unaudited(key),
          set: { revoked, ...(key.sk.startsWith(KEY) ? {} : { former: null }) },
          remove: Object.keys(visit(0, 0)),
          add: { rev: 1 },
        })
    for (const user of await keysIn(restored, tenantPk(tenant), USER))
      await restored.update({
        update: unaudited(user),
        set: { locked: true },
        add: { rev: 1, version: LEAP, passwordVersion: 1 },
      })
    await removeAll(restored, await keysIn(restored, tenantPk(tenant), 'INVITE#'))
  }
}

/** Leaves out numbers that may have been given since, where nobody knows which were. */
export const skipNumbers = async (restored: Db): Promise<void> => {
  await restored.update({ update: itemKey.service, add: { tenants: 1000 } })
  for (const tenant of await tenantsOf(restored))
    await restored.update({ update: unaudited(itemKey.tenant(tenant)), add: NUMBERS })
}

/** Logs everybody out: sessions and login tokens of then are nobody's. */
export const dropLogins = async (restored: Db): Promise<void> => {
  for (const tenant of await tenantsOf(restored)) {
    for (const prefix of ['TOKEN#', 'SESSION#'])
      await removeAll(restored, await keysIn(restored, tenantPk(tenant), prefix))
    for (let shard = 0; shard < SESSION_SHARDS; shard++)
      await removeAll(restored, await keysIn(restored, sessionsPk(tenant, shard)))
  }
}

// ---------------------------------------------------------------------------------------------

const BATCH = 100

const LEVELLED =
  /^(SERVICE (META|TENANT#.*)|T#\d+ (META|(USER|INVITE|PROPAGATE|KEY|OWN|DEVICE)#.*)|T#\d+#G#\d+ GATE|T#\d+#K#\d+ (CHECK|SALT))$/s

const unpacked = (image: Item): Item =>
  JSON.parse(JSON.stringify(image), (name, value) =>
    // An attribute of that name is an object.
    name === 'B' && typeof value === 'string' ? Buffer.from(value, 'base64') : value,
  )

const tenantsOf = async (db: Db): Promise<number[]> =>
  (await keysIn(db, itemKey.service.pk, 'TENANT#')).map(directoryRef)

const keysIn = async (db: Db, pk: string, prefix?: string): Promise<ItemKey[]> => {
  const keys: ItemKey[] = []
  for await (const item of db.list(pk, prefix)) keys.push({ pk, sk: item.sk })
  return keys
}

const listedIn = async (db: Db, tenant: number): Promise<KeyRef[]> =>
  (await keysIn(db, tenantPk(tenant), KEY)).flatMap((key) => listedRef(key) ?? [])

const removeAll = async (db: Db, keys: readonly ItemKey[]): Promise<void> => {
  for (const key of keys) await db.remove({ delete: unaudited(key) })
}

/** Makes items of one table as they are in another, where they aren't. */
const level = async (restored: Db, newer: Db, keys: readonly ItemKey[]): Promise<void> => {
  const unknown = keys.find((key) => !isLevelled(key))
  if (unknown)
    throw new Error(`a journal lacks ${unknown.pk} ${unknown.sk}: isLevelled must have it`)
  for (let from = 0; from < keys.length; from += BATCH) {
    const batch = keys.slice(from, from + BATCH)
    const [were, are] = await Promise.all([restored.read(batch), newer.read(batch)])
    for (const [at, key] of batch.entries()) {
      const [was, is] = [were[at] ?? null, are[at] ?? null]
      if (isAhead(was, is)) throw new NotNewer()
      if (is === null) await restored.remove({ delete: unaudited(key) })
      else if (!isDeepStrictEqual(was, is)) await restored.put({ ...is, ...unaudited(key) })
    }
  }
}

/** Whether the restored table knows of a later change of the same. */
const isAhead = (was: Item | null, is: Item | null): boolean =>
  was !== null && is !== null && was.uid === is.uid && was.rev > is.rev

const levelKeys = async (restored: Db, newer: Db, tenant: number): Promise<void> => {
  const refs = await listedIn(restored, tenant)
  const names: (UnauditedKey & Item)[] = []
  for (let from = 0; from < refs.length; from += BATCH) {
    const batch = refs.slice(from, from + BATCH)
    const [were, are] = await Promise.all(
      [restored, newer].map((db) => db.read(batch.map(itemKey.key))),
    )
    for (const [at, ref] of batch.entries()) {
      const [was, is] = [were?.[at], are?.[at] ?? null]
      const owned = itemKey.owned(ref, was?.uid)
      const others = [itemKey.check(ref), itemKey.salt(ref), itemKey.device(ref)]
      await level(restored, newer, [itemKey.key(ref), owned, ...others])
      if (was?.name === is?.name) continue
      await restored.remove({ delete: unaudited(itemKey.keyName(tenant, was?.name)) })
      if (is !== null) names.push({ ...unaudited(itemKey.keyName(tenant, is.name)), n: ref.n })
      else await dropped(restored, ref)
    }
  }
  // Behind all that were given up: two keys may have changed names.
  for (const name of names) await restored.put(name)
}

const dropped = async (restored: Db, ref: KeyRef): Promise<void> => {
  await removeAll(restored, [itemKey.used(ref), itemKey.seen(ref)])
  const update = unaudited(itemKey.count(ref.tenant, ref.n % COUNTS))
  await restored.update({ update, add: { keys: -1 } })
}
