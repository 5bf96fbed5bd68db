/** Measurements as tables of a document. */
import type { Cost } from './calls.ts'

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
