/** The picture: what is answered a second over HTTP, and how long a check takes by the size of the table.
 * Drawn for light and dark pages alike, on a ground of its own. */
import type { Summary } from '../run/stats.ts'
import type { Result, Row } from './result.ts'
import { short } from './tables.ts'

const WIDTH = 960
const LABELS = 490
const NUMBERS = 90
const LINE = 24
const TOP = 56

export const picture = (result: Result): string => {
  const bars = result.rows.filter(({ by, found }) => by === 'http' && found !== null)
  const points = result.rows.filter(({ id, found }) => /^check-\d+$/.test(id) && found !== null)
  const upper = TOP + bars.length * LINE + 24
  const height = upper + (points.length > 0 ? 240 : 0)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img">`,
    `<title>Checks a second over HTTP, and the time of a check by the number of keys</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...barsOf(bars),
    ...(points.length > 0 ? pointsOf(points, upper) : []),
    '</svg>\n',
  ].join('\n')
}

/** Where a value stands on a logarithmic scale. @returns 0 … 1. */
export const onScale = (value: number, low: number, high: number): number =>
  (Math.log10(value) - Math.log10(low)) / (Math.log10(high) - Math.log10(low))

// ---------------------------------------------------------------------------------------------

const COLOURS: Readonly<Record<string, string>> = {
  floors: '#8a94a6',
  ours: '#2563eb',
  peers: '#d97706',
}

const barsOf = (rows: readonly Row[]): string[] => {
  const rates = rows.map(({ found }) => found?.perSecond.high ?? 1)
  const most = 10 ** Math.ceil(Math.log10(Math.max(10, ...rates)))
  const across = WIDTH - LABELS - NUMBERS
  const x = (value: number): number => LABELS + Math.max(0, onScale(value, 1, most)) * across
  const bottom = TOP + rows.length * LINE
  return [
    heading(
      24,
      'Answers a second over HTTP, 16 connections (logarithmic; the line is from the slowest to the quickest round)',
    ),
    ...decades(most).flatMap((value) => [
      `<line x1="${round(x(value))}" x2="${round(x(value))}" y1="${TOP - 8}" y2="${bottom}" stroke="#e5e7eb"/>`,
      text(x(value), TOP - 12, value.toLocaleString('en'), { anchor: 'middle', colour: '#6b7280' }),
    ]),
    ...rows.flatMap(({ label, group, found }, at) => {
      if (found === null) return []
      const { median, low, high } = found.perSecond
      const y = TOP + at * LINE
      const middle = y + LINE / 2
      return [
        text(LABELS - 10, middle + 4, label, { anchor: 'end' }),
        `<rect x="${LABELS}" y="${y + 4}" width="${round(x(median) - LABELS)}" height="${LINE - 8}" fill="${COLOURS[group]}"/>`,
        `<line x1="${round(x(low))}" x2="${round(x(high))}" y1="${middle}" y2="${middle}" stroke="#111827" stroke-width="2"/>`,
        text(x(Math.max(high, median)) + 8, middle + 4, `${short(median)}`),
      ]
    }),
  ]
}

const pointsOf = (rows: readonly Row[], top: number): string[] => {
  const sizes = rows.map(({ id }) => Number(id.split('-')[1]))
  const times = rows.map(({ found }) => found?.p50).filter((time) => time !== undefined)
  const most = Math.max(...times.map(({ high }) => high)) * 1.25
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)]
  const left = 80
  const bottom = top + 190
  const across = WIDTH - left - 80
  const x = (size: number): number => left + (low === high ? 0 : onScale(size, low, high)) * across
  const y = (ms: number): number => bottom - (ms / most) * 140
  const at = ({ median }: Summary, index: number): string =>
    `${round(x(sizes[index] ?? 1))},${round(y(median))}`
  return [
    heading(
      top + 16,
      'One check, embedded DynamoDB: milliseconds (median of each round) by keys in the table',
    ),
    `<line x1="${left}" x2="${WIDTH - 80}" y1="${bottom}" y2="${bottom}" stroke="#6b7280"/>`,
    `<polyline points="${times.map(at).join(' ')}" fill="none" stroke="#2563eb" stroke-width="2"/>`,
    ...times.flatMap((time, index) => {
      const size = sizes[index] ?? 1
      const here = round(x(size))
      return [
        `<line x1="${here}" x2="${here}" y1="${round(y(time.low))}" y2="${round(y(time.high))}" stroke="#111827" stroke-width="2"/>`,
        `<circle cx="${here}" cy="${round(y(time.median))}" r="4" fill="#2563eb"/>`,
        text(here, y(time.high) - 8, `${short(time.median)} ms`, { anchor: 'middle' }),
        text(here, bottom + 18, size.toLocaleString('en'), { anchor: 'middle' }),
      ]
    }),
  ]
}

const decades = (most: number): number[] => {
  const values: number[] = []
  for (let value = 1; value <= most; value *= 10) values.push(value)
  return values
}

const heading = (y: number, words: string): string =>
  `<text x="16" y="${y}" font-weight="600" fill="#111827">${escaped(words)}</text>`

const text = (
  x: number,
  y: number,
  words: string,
  { anchor = 'start', colour = '#111827' }: { anchor?: string; colour?: string } = {},
): string =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${colour}">${escaped(words)}</text>`

const round = (value: number): number => Math.round(value * 10) / 10

const escaped = (words: string): string =>
  words.replace(/`/g, '').replace(/&/g, '&amp;').replace(/</g, '&lt;')
