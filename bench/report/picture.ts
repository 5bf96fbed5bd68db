/** The picture: what is answered a second over HTTP. Drawn for light and dark pages alike, on a ground of its own. By hand,
 * for Mermaid's charts have neither a logarithmic scale nor a range (docs/adr/0012-written-here.md). */
import type { Result, Row } from './result.ts'
import { short } from './tables.ts'

const WIDTH = 960
const LABELS = 490
const NUMBERS = 90
const LINE = 24
const TOP = 56

export const picture = (result: Result): string => {
  const bars = result.rows.filter(({ by, found }) => by === 'http' && found !== null)
  const height = TOP + bars.length * LINE + 24
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img">`,
    `<title>Answers a second over HTTP</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...barsOf(bars),
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
    `<text x="16" y="24" font-weight="600">Answers a second over HTTP, 16 connections (logarithmic; the line is from the slowest to the quickest round)</text>`,
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

const decades = (most: number): number[] => {
  const values: number[] = []
  for (let value = 1; value <= most; value *= 10) values.push(value)
  return values
}

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
