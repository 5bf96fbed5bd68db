/** The tables of docs/cost.md. */
import { ACTIVITIES, type ActivityName } from './activities.ts'
import type { All } from './count.ts'
import type { Counted } from './counted.ts'
import type { Fixed } from './facts.ts'
import { type Cost, costOf, type Facts, sumOf, total } from './price.ts'
import { AS_OF, PRICES } from './prices.ts'

export const countedTable = (all: All): string =>
  table(
    ['', 'requests', 'frames', 'function calls, and ms', 'reads', 'writes', 'KMS'],
    names(all).map((name) => {
      const { requests, handshakes, frames, functions, reads, writes, kms } = all[name]
      const calls = Object.entries(functions).map(
        ([fn, { calls, ms }]) => `${calls === 1 ? '' : `${calls} × `}${fn} ${ms}`,
      )
      const asked = [requests, handshakes].filter((n) => n > 0).join(' + ')
      return [ACTIVITIES[name], asked, frames, calls.join(', '), reads, writes, kms]
    }),
  )

export const millionsTable = (all: All, facts: Facts): string =>
  table(
    ['a million times', ...Object.values(HEADINGS), '**together**', 'with the edge'],
    names(all)
      .filter((name) => name !== 'sweep')
      .map((name) => {
        const cost = costOf(all[name], facts)
        const kinds = Object.keys(HEADINGS) as (keyof typeof HEADINGS)[]
        const [sum, edge] = [sumOf(cost), sumOf(cost) + cost.edge]
        return [
          ACTIVITIES[name],
          ...kinds.map((kind) => usd(cost[kind])),
          `**${usd(sum)}**`,
          usd(edge),
        ]
      }),
  )

/** What a month brings, from what is counted. */
export const monthsTable = (all: All, facts: Facts): string => {
  const cost = (name: ActivityName): Cost => costOf(all[name], facts)
  const month = (name: ActivityName, times: number) => ({
    without: (sumOf(cost(name)) * times) / MILLION,
    edge: (cost(name).edge * times) / MILLION,
  })
  const device = (what: string, times: number) => {
    const { without, edge } = month('check', times)
    return [
      what,
      `${thousands(times)} × ${usd(sumOf(cost('check')))} a million`,
      usd(without),
      usd(without + edge),
    ]
  }
  const byToken = month('checkByToken', MINUTES * 60)
  const tokens = month('accessToken', MINUTES / TOKEN_MINUTES)
  const minutes = (MINUTES * PRICES.connectionMinutes.usd) / MILLION
  const pings = month('ping', MINUTES / 5)
  const logins = month('login', MINUTES / 120)
  const socket = minutes + pings.without + logins.without
  const opened = all.firstCheck
  const extra = sumOf(costOf(opened, facts)) - sumOf(cost('check'))
  const forgotten = MINUTES / 15
  return table(
    ['a month of', 'is', 'without the edge', 'with it'],
    [
      device('a device that checks once an hour', HOURS),
      device('… a minute', MINUTES),
      device('… a second', MINUTES * 60),
      [
        '… a second, by access tokens',
        `${thousands(MINUTES * 60)} × ${usd(sumOf(cost('checkByToken')))} a million, a token each ${TOKEN_MINUTES} minutes`,
        usd(byToken.without + tokens.without),
        usd(byToken.without + tokens.without + byToken.edge + tokens.edge),
      ],
      [
        'a socket that is always open',
        `${thousands(MINUTES)} minutes, a ping each 5, a login each 120`,
        usd(socket),
        usd(socket + pings.edge + logins.edge),
      ],
      [
        'a tenant whose data key one process always needs',
        `at most ${thousands(forgotten)} × ${usd(extra)} a million`,
        usd((forgotten * extra) / MILLION),
        'the same',
      ],
    ],
  )
}

export const fixedTable = (fixed: readonly Fixed[], sweep: Counted, facts: Facts): string => {
  const sweeps = (MINUTES * (sumOf(costOf(sweep, facts)) + PRICES.scheduled.usd)) / MILLION
  const rows = [
    ...fixed.map(({ what, number, each, edge }) => ({
      what: `${number} × ${what}`,
      usd: number * each,
      edge,
    })),
    { what: `${thousands(MINUTES)} × sweep, nothing due`, usd: sweeps, edge: false },
  ]
  const all = total(rows, (row) => row.usd)
  const always = total(
    rows.filter(({ edge }) => !edge),
    (row) => row.usd,
  )
  return table(
    ['a month', 'without the edge', 'with it'],
    [
      ...rows.map((row) => [row.what, row.edge ? '' : usd(row.usd), usd(row.usd)]),
      ['**together**', `**${usd(always)}**`, `**${usd(all)}**`],
    ],
  )
}

export const pricesTable = (): string =>
  [
    `Seen ${AS_OF}, US East (N. Virginia), first tier, US dollars:`,
    '',
    table(
      ['$', 'for a', 'page'],
      Object.values(PRICES).map(({ usd, per, page }) => [usd, per, page]),
    ),
  ].join('\n')

// ---------------------------------------------------------------------------------------------

const MILLION = 1_000_000
const HOURS = 730
const MINUTES = HOURS * 60
/** A token is good for five, and is renewed before it ends. */
const TOKEN_MINUTES = 4

const HEADINGS = {
  gateway: 'gateway',
  functions: 'functions',
  table: 'table',
  kms: 'KMS',
  logs: 'logs',
  traces: 'traces',
} as const

const names = (all: All): ActivityName[] =>
  (Object.keys(ACTIVITIES) as ActivityName[]).filter((name) => name in all)

const table = (headings: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  [headings, headings.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => (cell === 0 ? '' : cell)).join(' | ')} |`)
    .join('\n')

/** Two digits after the point; below a cent, two that count. */
const usd = (amount: number): string =>
  amount === 0 ? '' : `$${amount >= 0.01 ? amount.toFixed(2) : amount.toPrecision(2)}`

const thousands = (n: number): string => n.toLocaleString('en-US').replaceAll(',', ' ')
