/** `npm run mutants`: makes known faults, one at a time, and looks whether the tests find them. */
import { parseArgs } from 'node:util'
import { UserError } from '../../local/user-error.ts'
import { MUTANTS } from '../../test/mutants/mutants.ts'
import { type Closers, script } from '../programs/tell.ts'
import { applyTo } from './apply.ts'
import { runTests } from './run.ts'
import { copyTree } from './tree.ts'

const HELP = `Makes each fault of test/mutants/ in a copy of this tree, and runs the tests that must find it.

  npm run mutants                        all of them
  npm run mutants -- session audit       those whose fault, file or tests have one of these words
  npm run mutants -- --tests test/keys   looks whether other tests find them

  --list    only names them
  --help    shows this
`

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    tests: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})

const chosen = MUTANTS.filter(
  ({ fault, file, killedBy }) =>
    words.length === 0 || words.some((word) => `${fault} ${file} ${killedBy}`.includes(word)),
)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const main = async (closers: Closers): Promise<number> => {
  // Without a test file all tests would run.
  if (chosen.length === 0)
    throw new UserError(
      `No fault has any of these words: ${words.join(' ')}\nnpm run mutants -- --list names all of them.`,
    )
  const tree = await copyTree()
  closers.add(tree.remove)
  const testsOf = (killedBy: string) => (values.tests.length > 0 ? values.tests : [killedBy])
  const all = [...new Set(chosen.flatMap(({ killedBy }) => testsOf(killedBy)))]
  const sound = await runTests(closers, tree, all)
  if (sound.state === 'failed') throw new UserError(`Without any fault this fails: ${sound.test}`)
  let survived = 0
  for (const mutant of chosen) {
    const text = await tree.read(mutant.file)
    await tree.write(mutant.file, applyTo(text, mutant))
    // Other tests, if any are asked for, may be the weather's too: then by all of its seeds.
    const weather = values.tests.length > 0 ? undefined : mutant.weather
    const outcome = await runTests(closers, tree, testsOf(mutant.killedBy), weather)
    await tree.write(mutant.file, text)
    if (outcome.state === 'passed') survived++
    say(
      outcome.state === 'passed'
        ? `SURVIVED  ${mutant.fault} (${mutant.file}): ${outcome.tests} tests passed`
        : `killed    ${mutant.fault}\n            by ${outcome.test}`,
    )
  }
  say(`${chosen.length - survived} killed, ${survived} survived`)
  return survived === 0 ? 0 : 1
}

if (values.help) process.stdout.write(HELP)
else if (values.list) for (const { file, fault } of chosen) say(`${file}: ${fault}`)
else void script(main)
