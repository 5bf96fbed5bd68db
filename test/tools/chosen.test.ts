/** What of a program's parts is asked for, and what is said where there is no such part. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { chosenBy } from '../../bench/program.ts'

const choose = (only: string) => chosenBy(only, ['login', 'query'], (name) => name)

it('chooses all without a pattern, and those that match it', () => {
  expect(choose('')).toEqual(['login', 'query'])
  expect(choose('^l')).toEqual(['login'])
})

it.each(['nosuch', '('])('names the choices where %s is none', (only) => {
  expect(() => choose(only)).toThrow(`it is "${only}":\n  login\n  query`)
})

it.each([
  ['bench/stall/main.ts', ['--only', 'nosuch'], /^--only takes a pattern of one of these/],
  ['bench/timing/main.ts', ['--only', 'nosuch'], /^--only takes a pattern of one of these/],
  ['tools/mutants/main.ts', ['nosuch'], /No fault has any of these words: nosuch/],
  ['tools/scale/main.ts', ['--sizes', 'few'], /^--sizes takes whole numbers/],
])('%s says so before it begins', (file, args, said) => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', file, ...args], {
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([1, expect.stringMatching(said)])
})
