/** Numbers of several rounds, as one: the median, and from where to where they go. */
import { median } from '../../tools/size/start.ts'
import type { Sample } from './protocol.ts'

export type Summary = { readonly median: number; readonly low: number; readonly high: number }

export type Summaries = { readonly [K in keyof Sample]: Summary }

export const summarise = (values: readonly number[]): Summary => ({
  median: median(values),
  low: Math.min(...values),
  high: Math.max(...values),
})

export const summariseSamples = (samples: readonly Sample[]): Summaries => {
  const of = (name: keyof Sample): Summary => summarise(samples.map((sample) => sample[name]))
  return { perSecond: of('perSecond'), p50: of('p50'), p99: of('p99'), cpu: of('cpu') }
}

/** How far the rounds are apart, as part of the median. */
export const spread = ({ median: middle, low, high }: Summary): number => (high - low) / middle

/** Whether what was measured of each may as well have been any other: there is a value that lies within all. */
export const overlap = (...all: readonly Summary[]): boolean =>
  Math.max(...all.map(({ low }) => low)) <= Math.min(...all.map(({ high }) => high))

/** @param sorted in ascending order. @param part 0 … 1. */
export const percentile = (sorted: ArrayLike<number>, part: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN

/** What one round has shown. @param times of all operations, in milliseconds. @param ms it went on.
 * @param cpu microseconds that were used meanwhile. */
export const toSample = (times: readonly number[], ms: number, cpu: number): Sample => {
  const sorted = Float64Array.from(times).sort()
  return {
    perSecond: (times.length * 1000) / ms,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    cpu: cpu / times.length,
  }
}

/** A sample of calls that did several things each: rate and CPU are those of one thing. */
export const perItem = (sample: Sample, items: number): Sample => ({
  ...sample,
  perSecond: sample.perSecond * items,
  cpu: sample.cpu / items,
})
