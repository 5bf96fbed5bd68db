/** Which installation a table belongs to, and in which format it is: for who keeps a table beside other files. */
import type { KeyRef } from '../domain/key.ts'
import type { Db } from './db.ts'
import { itemKey, tenantPk } from './item-keys.ts'
import { directoryRef, listedRef } from './item-refs.ts'
import type { ItemKey } from './write.ts'

/** What this version writes. Raised where an earlier version would misread what a later one wrote; a table or a folder
 * without a mark is of format 0, and differs from 1 by the mark alone. */
export const FORMAT = 1

/** Says what belongs together. */
export type Mark = {
  readonly id: string
  readonly format: number
  /** Which journal knows of the table's changes, where there is one. */
  readonly journal?: string | undefined
  /** Of when the oldest backup is that it was restored from, in milliseconds since the epoch. */
  readonly restored?: number | undefined
}

/** Keys that are read in one request. */
const BATCH = 100

export const createInstallation = (db: Pick<Db, 'get' | 'list' | 'put' | 'read' | 'update'>) => {
  /** Reads keys as checked. */
  const readChecked = async (listed: readonly KeyRef[]): Promise<void> => {
    const items = await db.read(listed.map(itemKey.check))
    const lost = listed.filter((_, at) => items[at] === null)
    // Of a key that was deleted meanwhile both are gone.
    const [left] = (await db.read(lost.map(itemKey.key))).filter((item) => item !== null)
    if (left) throw new Error(`the other item of ${left.pk} ${left.sk} is missing`)
  }

  return {
    /** @returns null for a table that no installation has marked. */
    async get(): Promise<Mark | null> {
      const item = await db.get(itemKey.installation)
      if (item === null) return null
      const { id, format, journal, restored } = item
      return {
        id,
        format,
        ...(journal !== undefined && { journal }),
        ...(restored !== undefined && { restored }),
      }
    },

    /** Marks the table. */
    async put({ id, format, journal, restored }: Mark): Promise<void> {
      await db.put({ ...itemKey.installation, id, format, journal, restored })
    },

    /** Says by which journal its changes are known from now on. */
    async nameJournal(journal: string): Promise<void> {
      await db.update({ update: itemKey.installation, set: { journal } })
    },

    /**
     * Reads each tenant's items once, and both items of each key. Others may change them meanwhile.
     * @throws where one can't be read, or a key lacks its other item.
     */
    async readAll(): Promise<void> {
      for await (const listed of db.list(itemKey.service.pk, 'TENANT#')) {
        const tenant = directoryRef(listed)
        let keys: KeyRef[] = []
        for await (const item of db.list(tenantPk(tenant))) {
          const ref = listedRef(item as ItemKey)
          if (ref === null) continue
          keys.push(ref)
          if (keys.length < BATCH) continue
          await readChecked(keys)
          keys = []
        }
        await readChecked(keys)
      }
    },
  }
}

export type InstallationStore = ReturnType<typeof createInstallation>
