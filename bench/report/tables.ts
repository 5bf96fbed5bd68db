/** Results as tables of a document. */

import type { Profile } from '../profile/profiles.ts'
import { spread } from '../run/stats.ts'
import { apartText, flatness, sizesText } from './flat.ts'
import { machineText } from './machine.ts'
import type { Promised } from './ratios.ts'
import type { Result, Row } from './result.ts'

/** By what the parts of the document are called; empty where nothing was measured. */
export const tables = (result: Result, promised: readonly Promised[]) => {
  const of = (group: Row['group']): string =>
    measuredTable(result.rows.filter((row) => row.group === group))
  return {
    machine: `${machineText(result.machine)}\n${result.rounds} rounds, ${result.seconds} s each.`,
    promises: table(
      ['what', 'found', 'wanted', ''],
      promised.map(({ what, found, wanted, holds }) => [what, found, wanted, MARKS[`${holds}`]]),
    ),
    floors: of('floors'),
    ours: of('ours'),
    peers: of('peers'),
    scale: [of('scale'), flatTable(result), askedTable(result), sweepTable(result)]
      .filter((part) => part !== '')
      .join('\n\n'),
    profile: result.profiles.map((profile) => profileTable(profile, result)).join('\n\n'),
    cost: costTable(result),
  }
}

/** A number as people read it: three digits that count. */
export const short = (value: number): string => {
  if (!Number.isFinite(value)) return '–'
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

// ---------------------------------------------------------------------------------------------

const MARKS: Readonly<Record<string, string>> = { true: 'yes', false: '**no**', null: '' }

/** Nothing where there are no rows. */
const table = (head: readonly string[], rows: readonly (readonly (string | undefined)[])[]) =>
  rows.length === 0
    ? ''
    : [
        `| ${head.join(' | ')} |`,
        `| ${head.map((name, at) => (at > 0 && NUMBERS.has(name) ? '---:' : '---')).join(' | ')} |`,
        ...rows.map((cells) => `| ${cells.map((cell) => cell ?? '').join(' | ')} |`),
      ].join('\n')

const NUMBERS = new Set([
  'share',
  'a second',
  'from – to',
  'p50',
  'p99',
  'CPU',
  'requests',
  'read units',
  'write units',
  'KMS',
])

const measuredTable = (rows: readonly Row[]): string =>
  table(
    ['what', 'a second', 'from – to', 'p50', 'p99', 'CPU', 'CPU’s spread'],
    rows.map(({ label, found, skipped }) => {
      if (found === null) return [label, `not measured: ${skipped ?? 'failed'}`, '', '', '', '', '']
      const { perSecond, p50, p99, cpu } = found
      return [
        label,
        short(perSecond.median),
        `${short(perSecond.low)} – ${short(perSecond.high)}`,
        `${short(p50.median)} ms`,
        `${short(p99.median)} ms`,
        `${short(cpu.median)} µs`,
        `${Math.round(spread(cpu) * 100)} %`,
      ]
    }),
  )

const flatTable = (result: Result): string =>
  table(
    ['', 'flat', 'by size', 'read units', 'the same at every size'],
    [flatness(result, 'check'), flatness(result, 'query')]
      .filter(({ flat }) => flat !== null)
      .map((found) => [
        `${found.what}, ${sizesText(found.sizes)}`,
        MARKS[`${found.flat}`],
        apartText(found),
        [...new Set(found.reads)].map(short).join(', '),
        MARKS[`${found.sameReads}`],
      ]),
  )

const askedTable = ({ asked }: Result): string =>
  table(
    ['keys in the table', 'requests', 'read units', 'requests for a page', 'read units for a page'],
    asked.map(({ size, check, query }) => [
      size.toLocaleString('en'),
      short(check.calls),
      short(check.reads),
      short(query.calls),
      short(query.reads),
    ]),
  )

const sweepTable = ({ sweeps }: Result): string =>
  table(
    [
      'a sweep that marks 100 keys, among',
      'time',
      'from – to',
      'requests',
      'read units',
      'write units',
    ],
    sweeps.map(({ size, ms, calls, reads, writes }) => [
      size.toLocaleString('en'),
      `${short(ms.median)} ms`,
      `${short(ms.low)} – ${short(ms.high)} ms`,
      short(calls),
      short(reads),
      short(writes),
    ]),
  )

/** @returns shares, and what they are of the CPU that the row has. */
const profileTable = ({ id, label, shares }: Profile, { rows }: Result): string => {
  const cpu = rows.find((row) => row.id === id)?.found?.cpu.median ?? Number.NaN
  return `${label}, ${short(cpu)} µs:\n\n${table(
    ['where', 'share', 'CPU'],
    shares.map(({ area, share }) => [
      area,
      `${(share * 100).toFixed(1)} %`,
      `${short(cpu * share)} µs`,
    ]),
  )}`
}

const costTable = ({ costs }: Result): string =>
  table(
    ['a million checks of', 'requests', 'read units', 'write units', 'KMS', 'counted', 'answers'],
    costs.map(({ what, units, counted, answers }) => [
      what,
      units.calls.toLocaleString('en'),
      units.reads.toLocaleString('en'),
      units.writes.toLocaleString('en'),
      String(units.kms),
      counted.toLocaleString('en'),
      Object.entries(answers)
        .map(([answer, times]) => `${times} × ${answer}`)
        .join(', '),
    ]),
  )
