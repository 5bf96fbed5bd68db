/** Metrics that are kept instead of printed. */
import type { MetricName, Metrics } from '../../shared/metrics.ts'

export const recordMetrics = () => {
  let seen: [MetricName, number][] = []
  const metrics: Metrics = {
    add: (name, value = 1) => {
      seen.push([name, value])
    },
    flush: () => {},
  }
  return {
    metrics,
    /** What was added since the last look, summed by name. */
    take(): Partial<Record<MetricName, number>> {
      const sums: Partial<Record<MetricName, number>> = {}
      for (const [name, value] of seen) sums[name] = (sums[name] ?? 0) + value
      seen = []
      return sums
    },
  }
}
