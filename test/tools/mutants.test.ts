/** The list of faults that `npm run mutants` makes: each of them can be made, and has its tests. And the lists of
 * `npm run mutate`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DECIDE, TESTS } from '../../stryker.config.js'
import { applyTo, countOf } from '../../tools/mutants/apply.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { MUTANTS } from '../mutants/mutants.ts'

const ROOT = join(import.meta.dirname, '../..')
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

describe('each mutant', () => {
  it.each(MUTANTS)('$fault', (mutant) => {
    const { fault, file, old, killedBy } = mutant
    expect(
      countOf(textOf(file), mutant),
      `"${old}" is to stand in ${file} once: say in test/mutants/ what stands there now`,
    ).toBe(1)
    expect(applyTo(textOf(file), mutant)).not.toBe(textOf(file))
    expect(unknownNames(mutant), 'a name that its file lacks fails each test').toEqual([])
    expect(existsSync(join(ROOT, killedBy)), `${killedBy} is to find "${fault}"`).toBe(true)
  })

  it('has a name of its own', () => {
    const faults = MUTANTS.map(({ fault }) => fault)
    expect([...new Set(faults)]).toEqual(faults)
  })
})

it('a mutant whose text is gone, or stands there twice, says so', () => {
  const mutant = { fault: 'x', file: 'a.ts', old: 'b', new: 'c', killedBy: 'test' }
  expect(applyTo('a b $& c', mutant)).toBe('a c $& c')
  for (const text of ['a', 'a b b'])
    expect(() => applyTo(text, mutant)).toThrow(/a\.ts has \d times, not once: b/)
})

it('a mutant with a name that its file lacks is seen', () => {
  const mutant = { fault: 'x', file: 'vitest.config.ts', old: 'x', killedBy: 'test' }
  expect(
    unknownNames({ ...mutant, new: "{ other: 'text', projects: nowhere(projects) }" }),
  ).toEqual(['nowhere'])
})

it.each([...DECIDE, ...TESTS])('%s is there, for npm run mutate', (file) => {
  const todo = 'say in stryker.config.js what it is called now: Stryker and Vitest go on without it'
  expect(existsSync(join(ROOT, file)), todo).toBe(true)
})

// ---------------------------------------------------------------------------------------------

/** Names of a mutant's new text that are neither its file's nor the language's: texts, members and keys left out. */
const unknownNames = ({ file, new: text }: Mutant): string[] => {
  const known = new Set(textOf(file).match(/[A-Za-z$][\w$]*/g))
  const code = text.replace(/'[^'\n]*'|"[^"\n]*"|\/\*.*?\*\/|\/\/.*$/gm, "''")
  const names = [...code.matchAll(/(?<![.\w$#])[A-Za-z$][\w$]*\b(?!\s*:)/g)].map(([name]) => name)
  return names.filter((name) => !known.has(name) && !LANGUAGE.has(name) && !(name in globalThis))
}

const LANGUAGE: ReadonlySet<string> = new Set(
  'as async await const else false for if in let never new null of return throw true typeof undefined'.split(
    ' ',
  ),
)
