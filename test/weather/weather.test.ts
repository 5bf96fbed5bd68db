/** The service in bad weather: what it promises holds under each of these seeds. `npm run weather` has more. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWeather } from './run.ts'
import { SCENARIOS } from './scenarios/scenarios.ts'

/** More of them find more, as where mutants are looked for. */
const SEEDS = Number(process.env.KEYHARBOR_WEATHER_SEEDS ?? 20)

let weather: Awaited<ReturnType<typeof startWeather>>
beforeAll(async () => {
  weather = await startWeather()
})
afterAll(() => weather.close())

const sound = SCENARIOS.filter(({ slow }) => !slow)
const seeds = Array.from({ length: SEEDS }, (_, at) => at + 1)

describe('in the weather of', () => {
  it.each(seeds)('seed %i every promise holds', async (seed) => {
    const scenario = sound[seed % sound.length]
    if (scenario === undefined) return
    const { story } = await weather.run(scenario, seed)
    expect(
      story ?? 'no violation',
      `npm run weather -- --scenario ${scenario.name} --seed ${seed}`,
    ).toBe('no violation')
  })
})

it('a seed is the same history twice, to the letter', async () => {
  const [scenario] = SCENARIOS
  if (scenario === undefined) throw new Error('there is no scenario')
  const first = await weather.run(scenario, 7)
  const second = await weather.run(scenario, 7)
  expect(second.history).toBe(first.history)
  expect(second.digest).toBe(first.digest)
  expect((await weather.run(scenario, 8)).digest).not.toBe(first.digest)
})
