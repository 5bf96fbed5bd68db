/** What the project promises of its checks, held against what was found. */
import { overlap, type Summaries } from '../run/stats.ts'
import type { Result } from './result.ts'

export type Promised = {
  readonly what: string
  readonly found: string
  readonly wanted: string
  /** Null where it wasn't measured. */
  readonly holds: boolean | null
}

export const promises = (result: Result): Promised[] => {
  const found = (id: string): Summaries | null =>
    result.rows.find((row) => row.id === id)?.found ?? null
  // Who asks often asks by access token: that is what it is for.
  const ours = found('http-canned-token') ?? found('http-canned-key')
  const batch = found('batch-canned-token') ?? found('batch-canned-key')
  const asLambda = found('process-canned-token') ?? found('process-canned-key')
  const batchAsLambda = found('process-batch-canned-token') ?? found('process-batch-canned-key')
  const fastest = [...BETTER_AUTH]
    .map(found)
    .filter((one) => one !== null)
    .sort((a, b) => b.perSecond.median - a.perSecond.median)[0]
  // In the order in which they were given, the fewest keys first.
  const sizes = result.asked.map(({ size }) => size)
  const [least = 0, most = 0] = [sizes[0], sizes.at(-1)]
  return [
    ratio('over HTTP, canned DynamoDB: beside the quickest better-auth', ours, fastest, 5),
    ratio('over HTTP, canned DynamoDB: beside oidc-provider', ours, found('oidc-provider'), 1),
    ratio('a hundred at once over HTTP: per key, beside one by one', batch, ours, 10),
    ratio('the same in process, as Lambda has it', batchAsLambda, asLambda, 10),
    ...(['token', 'key'] as const).map((proof) => own(proof, found(`own-${proof}`))),
    flat('one check', found(`check-${least}`), found(`check-${most}`), least, most),
    flat('one page', found(`query-${least}`), found(`query-${most}`), least, most),
    ...costs(result),
  ]
}

// ---------------------------------------------------------------------------------------------

const BETTER_AUTH = ['better-auth-memory', 'better-auth-wal', 'better-auth-file']

const OWN_MICROSECONDS = 60

const NOT_MEASURED = { found: 'not measured', holds: null } as const

const ratio = (
  what: string,
  one: Summaries | null | undefined,
  other: Summaries | null | undefined,
  least: number,
): Promised => {
  const wanted = `${least} × or more`
  if (!one || !other) return { what, wanted, ...NOT_MEASURED }
  const rate = one.perSecond.median / other.perSecond.median
  const cpu = other.cpu.median / one.cpu.median
  return {
    what,
    wanted,
    found: `${rate.toFixed(1)} × the rate, ${cpu.toFixed(1)} × by CPU`,
    holds: rate >= least,
  }
}

const own = (proof: 'token' | 'key', found: Summaries | null): Promised => {
  const what = `our own CPU for one check, asked by ${proof === 'key' ? 'key' : 'access token'}`
  const wanted = `under ${OWN_MICROSECONDS} µs`
  if (found === null) return { what, wanted, ...NOT_MEASURED }
  const { median, low, high } = found.cpu
  return {
    what,
    wanted,
    found: `${median.toFixed(0)} µs (${low.toFixed(0)}–${high.toFixed(0)})`,
    holds: median < OWN_MICROSECONDS,
  }
}

/** Two medians that differ by less than the rounds do are as good as one. */
const flat = (
  name: string,
  few: Summaries | null,
  many: Summaries | null,
  least: number,
  most: number,
): Promised => {
  const wanted = 'as quick, within noise'
  if (few === null || many === null)
    return { what: `${name}, many keys beside few`, wanted, ...NOT_MEASURED }
  const what = `${name}, ${most.toLocaleString('en')} keys beside ${least.toLocaleString('en')}`
  const text = ({ p50 }: Summaries): string =>
    `${p50.median.toFixed(2)} ms (${p50.low.toFixed(2)}–${p50.high.toFixed(2)})`
  const found = `${text(many)} beside ${text(few)}`
  const holds = overlap(few.p50, many.p50) || many.p50.median <= few.p50.median
  return { what, wanted, found, holds }
}

const costs = ({ costs: all }: Result): Promised[] => {
  const of = (what: string) => all.find((cost) => cost.what === what)?.units
  const good = of('a good key, asked by access token')
  const mistyped = of('a mistyped key, asked by access token')
  const kms = all.length === 0 ? null : all.reduce((sum, { units }) => sum + units.kms, 0)
  const exactly = (what: string, value: number | null | undefined, wanted: number): Promised =>
    value === null || value === undefined
      ? { what, wanted: `${wanted}`, ...NOT_MEASURED }
      : { what, wanted: `${wanted}`, found: `${value}`, holds: value === wanted }
  return [
    exactly('KMS calls for a million checks, of all kinds', kms, 0),
    exactly('read units for a million checks, asked by access token', good?.reads, 1e6),
    exactly('read units for a million mistyped keys, asked by access token', mistyped?.reads, 0),
  ]
}
