/** The service in bad weather: what it promises holds under each of these seeds. `npm run weather` has more. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startWeather } from './run.ts'
import { SCENARIOS } from './scenarios/scenarios.ts'

/** The only scenario, where it is asked whether any of its seeds finds a mutant. */
const ONLY = process.env.KEYHARBOR_WEATHER_ONLY
/** More of them find more. */
const SEEDS = Number(process.env.KEYHARBOR_WEATHER_SEEDS ?? (ONLY === undefined ? 20 : 100))

/** Of a seed, among others that want the machine. */
const LONGEST_MS = 180_000

let weather: Awaited<ReturnType<typeof startWeather>>
beforeAll(async () => {
  weather = await startWeather()
})
afterAll(() => weather.close())

const names =
  ONLY === undefined ? SCENARIOS.filter(({ slow }) => !slow).map(({ name }) => name) : [ONLY]
const runs = Array.from({ length: SEEDS }, (_, at) => ({
  name: names[at % names.length],
  seed: at + 1,
}))

it.each(runs)(
  'in the weather of $name, seed $seed, every promise holds',
  async ({ name, seed }) => {
    const scenario = SCENARIOS.find((one) => one.name === name)
    if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
    const { story } = await weather.run(scenario, seed)
    expect(story ?? 'no violation', `npm run weather -- --scenario ${name} --seed ${seed}`).toBe(
      'no violation',
    )
  },
  LONGEST_MS,
)

it.skipIf(ONLY !== undefined)('a seed is the same history twice, to the letter', async () => {
  const [scenario] = SCENARIOS
  if (scenario === undefined) throw new Error('there is no scenario')
  const first = await weather.run(scenario, 7)
  const second = await weather.run(scenario, 7)
  expect(second.history).toBe(first.history)
  expect(second.digest).toBe(first.digest)
  expect((await weather.run(scenario, 8)).digest).not.toBe(first.digest)
})
