import { describe, expect, it } from 'vitest'
import { countedName, parseLoginName, SLUG, USERNAME } from '../../shared/domain/names.ts'

describe('a user', () => {
  it.each([
    ['ada', true],
    ['_A.b-9', true],
    ['a'.repeat(31), true],
    ['a'.repeat(32), false],
    [`${'a'.repeat(31)}$`, true],
    ['a$b', false],
    ['.ada', false],
    ['-ada', false],
    ['$', false],
    ['ada@acme', false],
    ['ada\n', false],
    [' ada', false],
    ['', false],
  ])('may be called %j: %s', (name, expected) => {
    expect(USERNAME.test(name)).toBe(expected)
  })

  it('who can’t be one is counted under a short name that is none either', () => {
    expect(countedName('ada')).toBe('ada')
    const [one, other] = [countedName('x'.repeat(1e6)), countedName('y'.repeat(1e6))]
    expect(one).toHaveLength(44)
    expect(USERNAME.test(one)).toBe(false)
    expect(one).not.toBe(other)
  })
})

describe('a tenant', () => {
  it.each([
    ['a', true],
    ['acme-2', true],
    [`a${'-'.repeat(61)}z`, true],
    [`a${'-'.repeat(62)}z`, false],
    ['acme-', false],
    ['-acme', false],
    ['2acme', false],
    ['Acme', false],
    ['acme.', false],
    ['acme\n', false],
    ['', false],
  ])('may be called %j: %s', (slug, expected) => {
    expect(SLUG.test(slug)).toBe(expected)
  })
})

it('a login name has its tenant behind the last @, if there is one', () => {
  expect(parseLoginName('ada')).toEqual({ username: 'ada', slug: null })
  expect(parseLoginName('ada@acme')).toEqual({ username: 'ada', slug: 'acme' })
  expect(parseLoginName('ada@home@acme')).toEqual({ username: 'ada@home', slug: 'acme' })
  expect(parseLoginName('@acme')).toEqual({ username: '', slug: 'acme' })
})
