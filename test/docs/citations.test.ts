/** Every reference of code, tests and documents leads somewhere. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { citationsOf, filesLike, lostStepsIn, problemOf, ROOT, unreadableIn } from './citations.ts'

/** Without this test's own examples of what is wrong, and a document that is read in another folder. */
const files = filesLike('*.md', '*.ts', '*.tsx', '*.mjs', '*.js', 'test/vectors/*.json').filter(
  (file) => !file.startsWith('test/docs/citations') && file !== 'bench/template.md',
)
const contents = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]))

describe('what the repository refers to', () => {
  it('is there', () => {
    const citations = [...contents].flatMap(([file, content]) => citationsOf(file, content))
    expect(citations.length).toBeGreaterThan(200)
    expect(citations.map(problemOf).filter((problem) => problem !== null)).toEqual([])
  })

  it('has the functions of each way that docs/map.md draws', () => {
    const map = contents.get('docs/map.md') ?? ''
    expect([...map.matchAll(/`\w+` — /g)].length).toBeGreaterThan(20)
    expect(lostStepsIn(map), 'draw the way as it is now').toEqual([])
    expect(lostStepsIn('`shared/keys/check.ts`: `checkKey`, `gone`')).toEqual([
      'shared/keys/check.ts has no gone',
    ])
  })

  it('can be followed by who reads it', () => {
    const found = [...contents].flatMap(([file, content]) =>
      unreadableIn(content).map(({ line, text }) => `${file}:${line}: \`${text}\``),
    )
    expect(
      found,
      'name the document by its path, `docs/protocol/keys.md §4.4`, or a public standard before its section, `RFC 6749 §5.2`',
    ).toEqual([])
  })
})

describe('a wrong reference', () => {
  const problems = (text: string, file = 'shared/a.ts') => citationsOf(file, text).map(problemOf)

  it.each([
    ['a document that is gone', '/** (docs/gone.md §1) */', 'there is no docs/gone.md'],
    [
      'a section that is gone',
      '/** (docs/protocol/keys.md §4.99) */',
      'docs/protocol/keys.md has no section 4.99',
    ],
    [
      'the second of two sections',
      '/** (docs/protocol/keys.md §4.4, §7.1) */',
      'has no section 7.1',
    ],
    ['a heading that is gone', '/** (docs/storage.md#gone) */', 'docs/storage.md has no #gone'],
    ['a file of code that is gone', '/** See `shared/gone.ts`. */', 'there is no shared/gone.ts'],
  ])('names its place: %s', (_, text, problem) => {
    expect(problems(`\n${text}`)).toEqual([expect.stringMatching(/^shared\/a\.ts:2: `.+`: /)])
    expect(problems(text)[0]).toContain(problem)
  })

  it.each([
    ['to a file', '[x](gone.md)', 'there is no docs/gone.md'],
    ['to a section', '[x](protocol/keys.md) §7.1', 'has no section 7.1'],
    ['to a heading', '[x](storage.md#gone)', 'has no #gone'],
    ['to a heading of its own', '[x](#gone)', 'has no #gone'],
  ])('is a link %s', (_, text, problem) => {
    expect(problems(text, 'docs/storage.md')).toEqual([expect.stringContaining(problem)])
  })

  it.each(['PROTOCOL 4.4', 'DESIGN §3', 'AWS.md 1', 'see §4.4', 'LESSONS 2'])('is %s', (text) => {
    expect(unreadableIn(text)).toEqual([{ line: 1, text: expect.any(String) }])
  })

  it('is none of these', () => {
    const right =
      'docs/protocol/keys.md §4.4, §4.5; RFC 6749 §2.3.1, §3.2; OpenID Connect Core 1.0 §2, §3.3.2.11'
    expect(unreadableIn(right)).toEqual([])
    expect(problems(right)).toEqual([null])
  })
})
