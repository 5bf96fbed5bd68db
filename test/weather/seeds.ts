/** Tests that every promise holds, one for each seed. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startWeather } from './run.ts'
import { SCENARIOS } from './scenarios/scenarios.ts'

/** Seeds of which `npm test` takes the time. */
export const FEW = 4

/** Of a seed, among others that want the machine. */
const LONGEST_MS = 600_000

export const seeds = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at)

/** @param only the scenario; by default they take turns. @returns the weather, while tests run. */
export const holdUnder = (under: readonly number[], only?: string) => {
  let weather: Awaited<ReturnType<typeof startWeather>>
  beforeAll(async () => {
    weather = await startWeather()
  })
  afterAll(() => weather.close())

  const names = only === undefined ? SCENARIOS.filter(({ slow }) => !slow).map(nameOf) : [only]
  const runs = under.map((seed) => ({ name: names[(seed - 1) % names.length], seed }))

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
  return () => weather
}

const nameOf = ({ name }: { readonly name: string }): string => name
