import { expect, it } from 'vitest'
import { CURRENT } from '../../shared/domain/versions.ts'
import { find } from '../../tools/docs/browser/find.ts'
import { docsOf } from '../../tools/docs/model.ts'
import { searchIndex } from '../../tools/docs/search.ts'

const entries = searchIndex(docsOf(CURRENT))
const titles = (words: string): string[] => find(entries, words).map(({ title }) => title)

it('finds a method by its name, its part, or words of its summary', () => {
  expect(titles('api_key.create')[0]).toBe('api_key.create')
  expect(titles('renew_2fa')[0]).toBe('user.renew_2fa_secret')
  expect(titles('pong')).toContain('core.ping')
})

it('finds a route by its path', () => {
  expect(titles('forward-auth')[0]).toBe('GET /v1/forward-auth')
})

it('finds operators, options, reasons and roles', () => {
  expect(titles('rnin')[0]).toBe('Operator rnin')
  expect(titles('order_by')[0]).toBe('Option order_by')
  expect(titles('MatchNotFound')[0]).toBe('MatchNotFound()')
  expect(titles('key_validate')[0]).toBe('KEY_VALIDATE')
})

it('finds what has all words, whatever their case', () => {
  expect(titles('QUERY keys')).toContain('api_key.query')
  expect(titles('query zebra')).toEqual([])
})

it('finds nothing for no words', () => {
  expect(titles('  ')).toEqual([])
})
