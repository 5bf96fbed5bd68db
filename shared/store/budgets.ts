/** What all processes together have leased of a tenant's budgets for checks and for calls, minute by minute. */
import type { Db } from './db.ts'
import { type Budgeted, itemKey } from './item-keys.ts'

/** An item is of no use once its minute is over; DynamoDB takes it away within days. */
const KEPT_SECONDS = 3600

export const createBudgetStore = (db: Db, of: Budgeted) => ({
  /**
   * Leases an amount of a minute's budget, if that much is left.
   * @param minute minutes since the epoch.
   */
  lease: (tenant: number, minute: number, amount: number, most: number): Promise<boolean> =>
    db.updateBlind({
      update: itemKey.budget(tenant, of, minute),
      add: { leased: amount },
      set: { ttl: minute * 60 + KEPT_SECONDS },
      when: 'attribute_not_exists(#leased) OR #leased <= :room',
      values: { room: most - amount },
    }),
})
