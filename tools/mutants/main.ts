/** `npm run mutants`: makes known faults, one at a time, and looks whether the tests find them. */
import { parseArgs } from 'node:util'
import { MUTANTS } from '../../test/mutants/mutants.ts'
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

const main = async (): Promise<number> => {
  const tree = await copyTree()
  process.once('SIGINT', () => void tree.remove().then(() => process.exit(130)))
  try {
    const testsOf = (killedBy: string) => (values.tests.length > 0 ? values.tests : [killedBy])
    const all = [...new Set(chosen.flatMap(({ killedBy }) => testsOf(killedBy)))]
    const sound = await runTests(tree, all)
    if (sound.state === 'failed') throw new Error(`Without any fault this fails: ${sound.test}`)
    const survivors: string[] = []
    for (const mutant of chosen) {
      const text = await tree.read(mutant.file)
      await tree.write(mutant.file, applyTo(text, mutant))
      const outcome = await runTests(tree, testsOf(mutant.killedBy))
      await tree.write(mutant.file, text)
      if (outcome.state === 'passed') survivors.push(mutant.fault)
      say(
        outcome.state === 'passed'
          ? `SURVIVED  ${mutant.fault} (${mutant.file}): ${outcome.tests} tests passed`
          : `killed    ${mutant.fault}\n            by ${outcome.test}`,
      )
    }
    say(`${chosen.length - survivors.length} killed, ${survivors.length} survived`)
    return survivors.length === 0 ? 0 : 1
  } finally {
    await tree.remove()
  }
}

if (values.help) process.stdout.write(HELP)
else if (values.list) for (const { file, fault } of chosen) say(`${file}: ${fault}`)
else
  process.exitCode = await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return 1
  })
