/** Runs a scenario under a seed, and says what it has found. */
import './time/patch.ts'
import { createHash } from 'node:crypto'
import { type Engine, startEngine } from './aws/engine.ts'
import { print } from './history.ts'
import { judge, PROMISES, type Violation } from './judge/judge.ts'
import { reckon } from './judge/reckon.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { createOperator, type Operator, simulate } from './world.ts'

export type Report = {
  readonly scenario: string
  readonly seed: number
  readonly violations: readonly Violation[]
  /** The history, whole. */
  readonly history: string
  /** A digest of it, and of all requests to AWS: the same for the same seed. */
  readonly digest: string
  readonly calls: number
  readonly requests: number
  /** Of virtual time. */
  readonly ms: number
  /** The history around the first violation, with its promise; null where there is none. */
  readonly story: string | null
}

/** Both are made once, for many runs. */
export const startWeather = async () => {
  const [engine, operator] = await Promise.all([startEngine(), createOperator()])
  return {
    run: (scenario: Scenario, seed: number) => run(engine, operator, scenario, seed),
    close: engine.close,
  }
}

// ---------------------------------------------------------------------------------------------

const run = async (
  engine: Engine,
  operator: Operator,
  scenario: Scenario,
  seed: number,
): Promise<Report> => {
  const name = `${scenario.name}/${seed}`
  const setup = { engine, operator, seed: name, ...scenario.setup }
  const { world, result: violations } = await simulate(setup, async (here) => {
    const { tenants, violations: own = [] } = await scenario.run(here)
    const last = await reckon(here, tenants)
    return [...own, ...last, ...judge(here)]
  })
  const history = print(world.history)
  const [first] = violations
  return {
    scenario: scenario.name,
    seed,
    violations,
    history,
    digest: createHash('sha256')
      .update([history, ...world.requests].join('\n'))
      .digest('hex'),
    calls: world.history.ops.length,
    requests: world.requests.length,
    ms: world.clock.elapsed(),
    story:
      first === undefined
        ? null
        : `${PROMISES[first.promise]}\n${violations.map(({ text }) => text).join('\n')}\n\n${print(world.history, first.ops)}\n\n${world.logged.join('\n')}`,
  }
}
