/** `npm run weather`: scenarios under many seeds. */
import { parseArgs } from 'node:util'
import { UserError } from '../../local/user-error.ts'
import { type Closers, script, tell } from '../../tools/programs/tell.ts'
import { type Report, startWeather } from './run.ts'
import { SCENARIOS } from './scenarios/scenarios.ts'

const HELP = `Runs the service in a simulated deployment: several processes, a DynamoDB under contention, requests
that are lost, slow, or done and told as failed. A seed decides all of it, and repeats to the letter.

  npm run weather                          20 seeds of all scenarios
  npm run weather -- --seeds 200           more
  npm run weather -- --seed 17             that one only, or with --seeds from there on
  npm run weather -- --scenario NAME       one scenario; may be given several times
  npm run weather -- --history             also prints the whole history

  --list       names the scenarios
  --help       shows this

Each seed runs one scenario, the next seed the next, unless scenarios are named: then each of them.
`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    scenario: { type: 'string', multiple: true, default: [] },
    history: { type: 'boolean' },
    list: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const numberOf = (name: string, text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new UserError(`--${name} takes a number from 1 up, not "${text}"`)
}

const chosen = () => {
  const named = values.scenario
  const unknown = named.find((name) => SCENARIOS.every((one) => one.name !== name))
  if (unknown !== undefined)
    throw new UserError(`There is no scenario "${unknown}": npm run weather -- --list names them`)
  return SCENARIOS.filter(({ name }) => named.length === 0 || named.includes(name))
}

const main = async (closers: Closers): Promise<number> => {
  const scenarios = chosen()
  const first = values.seed === undefined ? 1 : numberOf('seed', values.seed)
  const one = values.seed !== undefined && values.seeds === undefined
  const count = one ? 1 : numberOf('seeds', values.seeds ?? '20')
  const weather = await startWeather()
  closers.add(weather.close)
  const failed: Report[] = []
  let [runs, calls, requests, ms] = [0, 0, 0, 0]
  for (let seed = first; seed < first + count; seed++) {
    const now = values.scenario.length > 0 || one ? scenarios : [scenarios[seed % scenarios.length]]
    for (const scenario of now) {
      if (scenario === undefined || closers.closing()) continue
      const report = await weather.run(scenario, seed)
      runs++
      calls += report.calls
      requests += report.requests
      ms += report.ms
      if (values.history) say(report.history)
      if (report.story === null) continue
      failed.push(report)
      say(
        `\nFAILED  npm run weather -- --scenario ${scenario.name} --seed ${seed}\n${report.story}`,
      )
    }
    if (seed % 10 === 0) tell(`seed ${seed}, ${runs} runs, ${failed.length} failed`)
  }
  tell(
    `${runs} runs, ${failed.length} failed: ${calls} calls, ${requests} requests to AWS, ${(ms / 1000).toFixed(0)} s of virtual time`,
  )
  for (const { scenario, seed, violations } of failed)
    say(
      `  ${scenario} ${seed}: ${[...new Set(violations.map(({ promise }) => promise))].join(', ')}`,
    )
  return failed.length === 0 ? 0 : 1
}

if (values.help) say(HELP)
else if (values.list) for (const { name, shows } of SCENARIOS) say(`${name}: ${shows}`)
else void script(main)
