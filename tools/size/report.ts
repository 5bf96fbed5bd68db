/** What was measured as a table, and held against what is promised. */
import { UserError } from '../../local/user-error.ts'
import type { Start } from './start.ts'

export type Row = Start & {
  readonly name: string
  readonly kind: 'function' | 'bare'
  readonly bytes: number
  readonly gzip: number
}

export const BARE_DYNAMODB = 'bare DynamoDB client'

/** No function takes longer to start than so many bare clients. */
const MOST_CLIENTS = 3
/** Of the function that all devices call: a bundle of so many bytes is too big. */
const MOST = { name: 'Introspect', bytes: 1_000_000 } as const

/** @returns a line for each promise that is broken. */
export const brokenPromises = (rows: readonly Row[]): string[] => {
  const client = rowOf(rows, BARE_DYNAMODB)
  const checked = rowOf(rows, MOST.name)
  const slow = rows.filter(
    ({ kind, milliseconds }) =>
      // Not "more than": what could not be measured is no promise kept.
      kind === 'function' && !(milliseconds <= MOST_CLIENTS * client.milliseconds),
  )
  return [
    ...slow.map(
      ({ name, milliseconds }) =>
        `BROKEN: ${name} starts in ${ms(milliseconds)}, more than ${MOST_CLIENTS} times the ${ms(client.milliseconds)} of the ${BARE_DYNAMODB}.`,
    ),
    ...(checked.bytes < MOST.bytes
      ? []
      : [
          `BROKEN: the bundle of ${MOST.name} is ${kb(checked.bytes)}, not under ${kb(MOST.bytes)}.`,
        ]),
  ]
}

export const table = (rows: readonly Row[]): string => {
  const client = rowOf(rows, BARE_DYNAMODB)
  const lines = [
    ['', 'size', 'gzip', 'start-up', 'least', 'clients'],
    ...rows.map(({ name, bytes, gzip, milliseconds, least }) => [
      name,
      kb(bytes),
      kb(gzip),
      ms(milliseconds),
      ms(least),
      (milliseconds / client.milliseconds).toFixed(2),
    ]),
  ]
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths?.[at] ?? 0) : cell.padStart(widths?.[at] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

// ---------------------------------------------------------------------------------------------

const rowOf = (rows: readonly Row[], name: string): Row => {
  const row = rows.find((one) => one.name === name)
  if (row === undefined) throw new UserError(`there is no ${name} to hold against what is promised`)
  return row
}

const kb = (bytes: number): string => `${Math.round(bytes / 1000)} KB`
const ms = (time: number): string => `${time.toFixed(1)} ms`
