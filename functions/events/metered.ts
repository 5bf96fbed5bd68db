/** Prints what was counted while a function handled an event, however that ended. */
import type { Metrics } from '../../shared/metrics.ts'

export const metered =
  <A extends unknown[], R>(
    { metrics }: { metrics: Metrics },
    handle: (...event: A) => Promise<R>,
  ) =>
  async (...event: A): Promise<R> => {
    try {
      return await handle(...event)
    } finally {
      metrics.flush()
    }
  }
