/** Whether something takes as long in large tables as in small ones: a rule for it, made of the run's own
 * noise. */
import { overlap, type Summaries, type Summary, spread, summarise } from '../run/stats.ts'
import type { Result } from './result.ts'

export type Flatness = {
  readonly what: string
  /** Numbers of keys in the tables. */
  readonly sizes: readonly number[]
  /** Milliseconds, of the medians of all sizes; null where there are fewer than two. */
  readonly medians: Summary | null
  /** How far the rounds of one size are apart, as parts of their median: of each size. */
  readonly noise: readonly number[]
  /** Whether there is a time that lies within the rounds' from–to of every size; null: not measured. */
  readonly flat: boolean | null
  /** Read units of one, by size. */
  readonly reads: readonly number[]
  /** Whether requests and read units are exactly as many at every size; null: not measured. */
  readonly sameReads: boolean | null
}

export const flatness = ({ rows, asked }: Result, kind: 'check' | 'query'): Flatness => {
  const sizes = asked.map(({ size }) => size)
  const times = sizes
    .map((size) => rows.find(({ id }) => id === `${kind}-${size}`)?.found ?? null)
    .filter((found): found is Summaries => found !== null)
    .map(({ p50 }) => p50)
  const measured = times.length > 1
  const units = asked.map((one) => one[kind])
  return {
    what: NAMES[kind],
    sizes,
    medians: measured ? summarise(times.map(({ median }) => median)) : null,
    noise: times.map(spread),
    flat: measured ? overlap(...times) : null,
    reads: units.map(({ reads }) => reads),
    sameReads:
      units.length > 1
        ? new Set(units.map(({ calls, reads }) => `${calls} ${reads}`)).size === 1
        : null,
  }
}

export const sizesText = (sizes: readonly number[]): string =>
  `${Math.min(...sizes).toLocaleString('en')} to ${Math.max(...sizes).toLocaleString('en')} keys in the table`

/** How far the sizes are apart, and how far the rounds of each. */
export const apartText = ({ medians, noise }: Flatness): string => {
  if (medians === null) return ''
  const { low, high } = medians
  const rounds = [...new Set([Math.min(...noise), Math.max(...noise)].map(percent))]
  return `${low.toFixed(3)}–${high.toFixed(3)} ms, ${percent(spread(medians))} % apart; rounds of one size ${rounds.join('–')} % apart`
}

// ---------------------------------------------------------------------------------------------

const NAMES = { check: 'one check', query: 'one page' } as const

const percent = (part: number): string => (part * 100).toFixed(1)
