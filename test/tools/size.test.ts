import { expect, test } from 'vitest'
import { brokenPromises, type Row, table } from '../../tools/size/report.ts'
import { median } from '../../tools/size/start.ts'

const row = (name: string, milliseconds: number, bytes = 400_000): Row => ({
  name,
  kind: name.startsWith('bare') ? 'bare' : 'function',
  bytes,
  gzip: bytes / 4,
  milliseconds,
  least: milliseconds - 1,
})
const CLIENT = row('bare DynamoDB client', 30)
const HONO = row('bare hono handler', 3, 25_000)

test('what is as promised is no news', () => {
  expect(brokenPromises([row('Introspect', 90), row('Socket', 60), HONO, CLIENT])).toEqual([])
})

test('a function that starts slower than three bare clients breaks a promise', () => {
  expect(brokenPromises([row('Introspect', 40), row('Socket', 90.1), CLIENT])).toEqual([
    'BROKEN: Socket starts in 90.1 ms, more than 3 times the 30.0 ms of the bare DynamoDB client.',
  ])
})

test('so does a check of 1 MB, and no other function', () => {
  const big = 1_000_000
  expect(brokenPromises([row('Introspect', 40, big), row('Socket', 60, big), CLIENT])).toEqual([
    'BROKEN: the bundle of Introspect is 1000 KB, not under 1000 KB.',
  ])
})

test('what could not be measured is no promise kept', () => {
  expect(brokenPromises([row('Introspect', Number.NaN), CLIENT])).toHaveLength(1)
  expect(() => brokenPromises([row('Socket', 40), CLIENT])).toThrow('no Introspect')
  expect(() => brokenPromises([row('Introspect', 40)])).toThrow('no bare DynamoDB client')
})

test('the table has all of it, in columns', () => {
  expect(table([row('Introspect', 45), HONO, CLIENT])).toBe(
    [
      '                        size    gzip  start-up    least  clients',
      'Introspect            400 KB  100 KB   45.0 ms  44.0 ms     1.50',
      'bare hono handler      25 KB    6 KB    3.0 ms   2.0 ms     0.10',
      'bare DynamoDB client  400 KB  100 KB   30.0 ms  29.0 ms     1.00',
    ].join('\n'),
  )
})

test('the median is the one in the middle, or between the two there', () => {
  expect(median([3, 100, 1])).toBe(3)
  expect(median([4, 100, 1, 2])).toBe(3)
})
