/** When the sweep visits a key. A reset has it look at once, since another call may change the expiry meanwhile. */
import { nextVisit } from '../domain/lifecycle.ts'
import type { Db } from './db.ts'
import { itemKey } from './item-keys.ts'
import { type CheckedKey, visit } from './key-items.ts'
import { asJudged, withPreviousSecret } from './key-judged.ts'
import { unaudited } from './write.ts'

export const createKeyVisits = (db: Db) => ({
  /** Schedules the sweep's next visit of a key, unless what it follows from has changed. */
  async visitNext(key: CheckedKey): Promise<void> {
    const due = nextVisit(key, key.former?.until ?? null)
    const asRead = asJudged(key, { isRenamed: false, isJudgedByDue: true })
    await db.updateBlind({
      update: unaudited(itemKey.check(key)),
      set: visit(key.n, due),
      ...(due === null && { remove: Object.keys(visit(0, 0)) }),
      ...(key.former === null ? asRead : withPreviousSecret(asRead, key.former)),
    })
  },
})
