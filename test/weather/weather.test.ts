/** The service in bad weather: what it promises holds under each of these seeds. `npm run weather` has more. */
import './time/patch.ts'
import { expect, it } from 'vitest'
import { SCENARIOS } from './scenarios/scenarios.ts'
import { FEW, holdUnder, seeds } from './seeds.ts'

/** The only scenario, where it is asked whether any of its seeds finds a mutant. */
const ONLY = process.env.KEYHARBOR_WEATHER_ONLY
/** More of them find more. */
const SEEDS = Number(process.env.KEYHARBOR_WEATHER_SEEDS ?? (ONLY === undefined ? FEW : 100))

const weather = holdUnder(seeds(1, SEEDS), ONLY)

it.skipIf(ONLY !== undefined)('a seed is the same history twice, to the letter', async () => {
  const [scenario] = SCENARIOS
  if (scenario === undefined) throw new Error('there is no scenario')
  const first = await weather().run(scenario, 7)
  const second = await weather().run(scenario, 7)
  expect(second.history).toBe(first.history)
  expect(second.digest).toBe(first.digest)
  expect((await weather().run(scenario, 8)).digest).not.toBe(first.digest)
})
