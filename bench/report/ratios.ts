/** What the project promises of its checks, held against what was found. */

import { AT_ONCE } from '../run/protocol.ts'
import type { Summaries } from '../run/stats.ts'
import { apartText, type Flatness, flatness, sizesText } from './flat.ts'
import type { Result } from './result.ts'

export type Promised = {
  readonly what: string
  readonly found: string
  readonly wanted: string
  /** Null where it wasn't measured, or where nothing is promised. */
  readonly holds: boolean | null
}

export const promises = (result: Result): Promised[] => {
  const found = (id: string): Summaries | null =>
    result.rows.find((row) => row.id === id)?.found ?? null
  // Who asks often asks by access token: that is what it is for.
  const byToken = (id: string): Summaries | null => found(`${id}-token`) ?? found(`${id}-key`)
  const ours = byToken('http-canned')
  const check = flatness(result, 'check')
  const fastest = [...BETTER_AUTH]
    .map(found)
    .filter((one) => one !== null)
    .sort((a, b) => b.perSecond.median - a.perSecond.median)[0]
  return [
    ratio('over HTTP, canned DynamoDB: beside the quickest better-auth', ours, fastest, 5),
    ratio('over HTTP, canned DynamoDB: beside oidc-provider', ours, found('oidc-provider'), 1),
    ...BATCHES.map(({ where, batch, single, least }) =>
      ratio(
        `a hundred at once, per key, beside one by one: ${where}`,
        byToken(batch),
        byToken(single),
        least,
      ),
    ),
    ...[1, AT_ONCE].flatMap((atOnce) => {
      const id = atOnce === 1 ? 'own' : `own-${atOnce}`
      return [
        own('access token', atOnce, found(`${id}-token`), found('hono-hmac')),
        own('key', atOnce, found(`${id}-key`), found('hono-hmac')),
      ]
    }),
    ...FRAMES.map(({ what, id, most }) =>
      beside(
        `CPU of ${what} by wss, beside \`ws\`, JSON read and written`,
        found(id),
        found('ws-json'),
        most,
      ),
    ),
    flat(check),
    flat(flatness(result, 'query')),
    sameReads(check),
    ...costs(result),
  ]
}

// ---------------------------------------------------------------------------------------------

const BETTER_AUTH = ['better-auth-memory', 'better-auth-wal', 'better-auth-file']

/** A batch is for one asker who has many keys. Where many ask at once, single checks share requests to
 * DynamoDB too, so that the ratio says how well they do so. */
const BATCHES = [
  {
    where: 'one asker, in process, as Lambda has it',
    batch: 'process-batch-canned',
    single: 'process-canned',
    least: 10,
  },
  {
    where: 'one asker, over HTTP on one connection',
    batch: 'batch-1-canned',
    single: 'http-1-canned',
    least: 10,
  },
  {
    where: `over HTTP on ${AT_ONCE} connections, where single checks share reads already`,
    batch: 'batch-canned',
    single: 'http-canned',
    least: null,
  },
] as const

/** Our own CPU beside the least that a check over HTTP could cost, of the same run: microseconds differ by machine. */
const OWN_RATIO = 1.4

/** What a frame costs beside the least that a frame with JSON could. */
const FRAMES = [
  { what: '`core.ping`', id: 'ping', most: 18 },
  { what: 'a page of 25 keys', id: 'query', most: 70 },
] as const

const NOT_MEASURED = { found: 'not measured', holds: null } as const

const ratio = (
  what: string,
  one: Summaries | null | undefined,
  other: Summaries | null | undefined,
  least: number | null,
): Promised => {
  const wanted = least === null ? '(for comparison)' : `${least} × or more`
  if (!one || !other) return { what, wanted, ...NOT_MEASURED }
  const rate = one.perSecond.median / other.perSecond.median
  const cpu = other.cpu.median / one.cpu.median
  return {
    what,
    wanted,
    found: `${rate.toFixed(1)} × the rate, ${cpu.toFixed(1)} × by CPU`,
    holds: least === null ? null : rate >= least,
  }
}

const own = (
  proof: 'access token' | 'key',
  atOnce: number,
  found: Summaries | null,
  floor: Summaries | null,
): Promised => {
  const how = atOnce === 1 ? 'one event at a time' : `${atOnce} at once`
  const what = `our own CPU for one check, ${how}, asked by ${proof}, beside "hono, HMAC and a Map"`
  return beside(what, found, floor, OWN_RATIO)
}

/** @param most how many times the floor's CPU is promised. */
const beside = (
  what: string,
  found: Summaries | null,
  floor: Summaries | null,
  most: number,
): Promised => {
  const wanted = `${most} × or less`
  if (found === null || floor === null) return { what, wanted, ...NOT_MEASURED }
  const { median, low, high } = found.cpu
  const by = median / floor.cpu.median
  return {
    what,
    wanted,
    found: `${by.toFixed(2)} ×: ${median.toFixed(0)} µs (${low.toFixed(0)}–${high.toFixed(0)})`,
    holds: by <= most,
  }
}

const flat = (found: Flatness): Promised => {
  const wanted = 'flat, within noise'
  const { flat: holds, sizes } = found
  if (holds === null)
    return { what: `${found.what}, many keys beside few`, wanted, ...NOT_MEASURED }
  return { what: `${found.what}, ${sizesText(sizes)}`, wanted, found: apartText(found), holds }
}

const sameReads = ({ what, sizes, reads, sameReads: holds }: Flatness): Promised => {
  const wanted = 'the same at every size'
  if (holds === null) return { what: `read units for ${what}`, wanted, ...NOT_MEASURED }
  const found = [...new Set(reads)].join(', ')
  return { what: `read units for ${what}, ${sizesText(sizes)}`, wanted, found, holds }
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
    // The key and the gate.
    exactly('read units for a million checks, asked by access token', good?.reads, 2e6),
    exactly('read units for a million mistyped keys, asked by access token', mistyped?.reads, 0),
  ]
}
