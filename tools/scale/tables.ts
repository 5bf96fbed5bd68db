/** Measurements as tables of a document. */
import type { Cost } from './calls.ts'
import type { Seen } from './page.ts'

export const callsTable = (size: number, costs: readonly Cost[]): string =>
  [
    `${size.toLocaleString('en')} keys:`,
    '',
    '| what | time | longest | first news | requests | read units | rows |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...costs.map(({ what, ms, worst, firstNews, calls, units, rows }) =>
      [
        '',
        what,
        `${Math.round(ms)} ms`,
        `${Math.round(worst)} ms`,
        `${Math.round(firstNews)} ms`,
        Math.round(calls),
        Math.round(units * 10) / 10,
        rows,
        '',
      ]
        .join(' | ')
        .trim(),
    ),
  ].join('\n')

export const pageTable = ({ firstRows, heap, slowestPage, search }: Seen): string =>
  [
    'In the browser:',
    '',
    '| what | measured |',
    '| --- | --- |',
    `| from loading the page to the first rows | ${Math.round(firstRows)} ms |`,
    `| the next page, the slowest of ${heap.at(-1)?.[0]} | ${Math.round(slowestPage)} ms |`,
    `| JavaScript’s heap | ${heap.map(([page, size]) => `page ${page}: ${size.toFixed(1)} MB`).join(', ')} |`,
    `| a search that fits none: until its progress shows | ${Math.round(search.progress)} ms, of which 250 are waiting for the next key press |`,
    `| until it has looked at every key | ${Math.round(search.end)} ms |`,
    `| longest that the page stood still meanwhile | ${Math.round(search.stillest)} ms |`,
  ].join('\n')
