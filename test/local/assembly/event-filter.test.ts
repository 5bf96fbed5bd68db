/** Lambda's filter patterns. */
import { expect, it } from 'vitest'
import { createFilter } from '../../../local/assembly/event-filter.ts'

const record = (sk: string, more: object = {}) => ({
  dynamodb: { Keys: { sk: { S: sk } }, ...more },
})
const sk = (...rules: unknown[]) => ({ dynamodb: { Keys: { sk: { S: rules } } } })

it.each([
  [[], record('X'), true],
  [[sk('CHECK')], record('CHECK'), true],
  [[sk('CHECK')], record('CHECKED'), false],
  [[sk({ prefix: 'KEY#' }, 'CHECK')], record('KEY#1'), true],
  [[sk({ prefix: 'KEY#' }, 'CHECK')], record('META'), false],
  [[sk({ suffix: '#1' })], record('KEY#1'), true],
  [[sk({ 'anything-but': ['META', 'CONN'] })], record('CONN'), false],
  [[sk({ 'anything-but': 'META' })], record('CONN'), true],
  [[{ dynamodb: { OldImage: [{ exists: false }] } }], record('X'), true],
  [[{ dynamodb: { OldImage: [{ exists: false }] } }], record('X', { OldImage: {} }), false],
  [[sk('A'), sk('B')], record('B'), true],
  [[{ ...sk('A'), eventName: ['INSERT'] }], { ...record('A'), eventName: 'REMOVE' }, false],
])('%j hears %j: %s', (patterns, event, heard) => {
  expect(createFilter(patterns)(event)).toBe(heard)
})

it('refuses what it does not know', () => {
  expect(() => createFilter([sk({ cidr: '10.0.0.0/8' })])).toThrow('the filter rule "cidr"')
  expect(() => createFilter([{ a: 'b' }])).toThrow('"b" where a list must be')
})
