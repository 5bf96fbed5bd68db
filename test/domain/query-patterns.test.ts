/** Patterns of `~` beside Python's own `re`, where there is a Python: genuine servers run that. */
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { MORE, OTHERWISE, REFUSED } from '../../tools/docs/texts/patterns.ts'
import { query } from './query-rows.ts'

type Found = boolean | 'refused'

const here = (pattern: string, text: string): Found => {
  const filters = [['x', '~', pattern]]
  return QueryFilters.safeParse(filters).success
    ? query([{ x: text }], filters, { count: true }) === 1
    : 'refused'
}

/** What Python finds of each pair; null where there is none of the versions that genuine servers run: older ones
 * have no possessive repetitions, newer ones have `\z`. */
const inPython = (pairs: readonly (readonly [string, string])[]): Found[] | null => {
  const program = `
import json, re, sys, warnings
assert (3, 11) <= sys.version_info < (3, 14)
warnings.simplefilter('ignore')
def found(pattern, text):
    try:
        return re.match(pattern, text) is not None
    except (re.error, OverflowError):
        return 'refused'
print(json.dumps([found(*pair) for pair in json.load(sys.stdin)]))`
  const run = spawnSync('python3', ['-c', program], { input: JSON.stringify(pairs) })
  return run.status === 0 ? JSON.parse(run.stdout.toString()) : null
}
const hasPython = inPython([]) !== null
/** Says in a test's title why it is skipped. */
const byPython = hasPython ? '' : ' (skipped: there is no python3)'

/** A pattern, a text, and whether Python finds the one in the other. */
const MENDED: readonly (readonly [pattern: string, text: string, found: Found])[] = [
  // Up to so many, which RE2 takes for text.
  ...(['', 'a', 'aaa', 'b'] as const).map((text) => ['a{,3}', text, true] as const),
  ['a{,3}b', 'aaab', true],
  ['a{,3}b', 'aaaab', false],
  ['a{,3}b', 'a{,3}b', false],
  ['a{,3}?b', 'aab', true],
  ['^a{,}$', 'aaaaa', true],
  ['a{,}b', 'a{,}b', false],
  ['(?:ab){,2}c', 'ababc', true],
  ['(ab){,2}c', 'abababc', false],
  ['[ab]{,2}c', 'abc', true],
  ['\\.{,2}c', '..c', true],
  ['\\\\{,2}c', '\\\\c', true],
  // Numbers with zeros before them, which RE2 takes for text.
  ['a{02}b', 'aab', true],
  ['a{02}b', 'a{02}b', false],
  ['a{1,02}b', 'aaab', false],
  ['a{00,01}b', 'b', true],
  ['a{,00}b', 'b', true],
  ['a{,00}b', 'ab', false],
  // The very end, which RE2 calls otherwise.
  ['a\\Z', 'a', true],
  ['a\\Z', 'a\n', false],
  ['a\\Z', 'ab', false],
  ['a\\Z|b', 'bc', true],
  ['(?:ab|a)\\Z', 'a', true],
  ['\\\\Z', '\\Z', true],
  // What only looks so.
  ['a{}', 'a{}', true],
  ['a{x}', 'a{x}', true],
  ['a{,x}', 'a{,x}', true],
  ['a{ ,3}', 'a{ ,3}', true],
  ['\\{,3}', '{,3}', true],
  ['a\\{,3}', 'a{,3}', true],
  ['[{,3}]+$', '3,}{', true],
  ['[]{,3}]+$', ']3', true],
  ['[^]{,3}]+$', ']3', false],
  ['[\\]{,3}]+$', ']3', true],
  ['[\\\\]{,3}b', '\\\\b', true],
  ['[\\Z]', 'Z', 'refused'],
  ['{,3}', '{,3}', 'refused'],
  ['(|{,3})', '', 'refused'],
  ['a*{,3}', 'a', 'refused'],
  ['a{,3}{,3}', 'a', 'refused'],
  // Characters by octal numbers.
  ['\\101', 'A', true],
  ['\\012', '\n', true],
  ['[\\10]', '\b', true],
  ['\\10', '\b', 'refused'],
  ['a\\12', 'a\n', 'refused'],
  ['\\\\10', '\\10', true],
]

describe('a pattern that RE2 reads otherwise is said in its words', () => {
  it.each(MENDED)('%j on %j: %j', (pattern, text, found) => {
    expect(here(pattern, text)).toBe(found)
  })

  it.skipIf(!hasPython)(`as Python understands it${byPython}`, () => {
    const pairs = MENDED.map(([pattern, text]) => [pattern, text] as const)
    expect(inPython(pairs)).toEqual(MENDED.map(([, , found]) => found))
  })

  it('and costs what it expands to', () => {
    for (const pattern of ['.{,999}.{,999}', '(.{,99}){,99}', '.{0999}.{0999}'])
      expect(here(pattern, ''), pattern).toBe('refused')
    expect(here('.{,400}', '')).toBe(true)
  })

  it('stays as it is between \\Q and \\E', () => {
    for (const text of ['a{,3}', 'a\\Z', 'a\\10', 'a{03}', '[', 'a[{,3}'])
      expect(here(`\\Q${text}\\E$`, text), text).toBe(true)
    expect(here('\\Qa{,3}', 'a{,3}')).toBe(true)
  })
})

describe('what the documentation says of the differences', () => {
  it.each(OTHERWISE)(
    '$pattern on $text is found in $matches only',
    ({ pattern, text, matches }) => {
      expect(here(pattern, text)).toBe(matches === 'here')
    },
  )

  it.each(REFUSED)('$patterns are refused', ({ patterns, instead }) => {
    for (const pattern of patterns) expect(here(pattern, 'a'), pattern).toBe('refused')
    if (instead !== undefined) expect(here(instead, 'a'), instead).not.toBe('refused')
  })

  it.each(MORE)('$patterns are taken', ({ patterns }) => {
    for (const pattern of patterns) expect(here(pattern, 'a'), pattern).not.toBe('refused')
  })

  it.skipIf(!hasPython)(`holds for Python${byPython}`, () => {
    const otherwise = OTHERWISE.map(({ pattern, text }) => [pattern, text] as const)
    expect(inPython(otherwise)).toEqual(OTHERWISE.map(({ matches }) => matches === 'Python'))
    const refused = REFUSED.flatMap(({ patterns }) => patterns)
    for (const [at, found] of inPython(refused.map((one) => [one, 'a']))?.entries() ?? [])
      expect(found, refused[at]).not.toBe('refused')
    const more = MORE.flatMap(({ patterns }) => patterns)
    for (const [at, found] of inPython(more.map((one) => [one, 'a']))?.entries() ?? [])
      expect(found, more[at]).toBe('refused')
  })

  it.skipIf(!hasPython)(`is all: other patterns that both take find the same${byPython}`, () => {
    const letter = fc.constantFrom(...'abAksé09_ -.,:{}1=<#&ß😀\n')
    const inClass = fc.constantFrom(
      ...['a', 'a-z', '0-9', '-', '\\]', '\\-', '.', '^', '$', 'à-ü', '\\x61', '{,3}'],
    )
    const escaped = fc.constantFrom(
      ...[
        '\\.',
        '\\n',
        '\\x61',
        '\\0',
        '\\012',
        '\\101',
        '\\{',
        '\\(',
        '\\Z',
        '\\A',
        '\\10',
        '\\1',
      ],
    )
    const repetition = fc.constantFrom(
      ...['', '', '*', '+?', '?', '{2}', '{,2}', '{1,}', '{01}', '{,}', '{', '{1', '{}'],
    )
    const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
      pattern: fc.array(tie('part'), { maxLength: 4 }).map((parts) => parts.join('')),
      part: fc
        .tuple(
          fc.oneof(
            { maxDepth: 2 },
            letter,
            escaped,
            fc
              .tuple(
                fc.constantFrom('[', '[^', '[]'),
                fc.array(inClass, { minLength: 1, maxLength: 3 }),
              )
              .map(([open, inner]) => `${open}${inner.join('')}]`),
            fc
              .tuple(fc.constantFrom('(', '(?:', '(?i:', '(?s:'), tie('pattern'), tie('pattern'))
              .map(([open, one, other]) => `${open}${one}|${other})`),
          ),
          repetition,
        )
        .map((both) => both.join('')),
    }))
    const text = fc.array(letter, { maxLength: 5 }).map((letters) => letters.join(''))
    const pairs = fc.sample(fc.tuple(pattern, text), { numRuns: 3000, seed: 1 })
    const found = inPython(pairs) ?? []
    const different = pairs.filter(([pattern, text], at) => {
      const ours = here(pattern, text)
      return ours !== 'refused' && found[at] !== 'refused' && ours !== found[at]
    })
    expect(different).toEqual([])
    expect(found.filter((one) => one === true).length).toBeGreaterThan(300)
  })
})
