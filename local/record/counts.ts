/** How often each function did what: what costs can be computed from. */
import type { Outcome } from '../lambda.ts'
import type { Counts } from './record.ts'

export const createCounter = () => {
  const functions = new Map<string, ReturnType<typeof empty>>()
  const of = (name: string) => {
    const known = functions.get(name) ?? empty()
    functions.set(name, known)
    return known
  }
  return {
    invocation(name: string, outcome: Outcome['kind'], ms: number): void {
      const { invocations } = of(name)
      invocations[outcome]++
      invocations.ms += ms
    },
    request(name: string, operation: string, units: number): void {
      const { requests } = of(name)
      const { calls, units: before } = requests[operation] ?? { calls: 0, units: 0 }
      requests[operation] = { calls: calls + 1, units: before + units }
    },
    action(name: string, action: string): void {
      const { actions } = of(name)
      actions[action] = (actions[action] ?? 0) + 1
    },
    counts: (): Counts => Object.fromEntries([...functions].sort()),
  }
}

// ---------------------------------------------------------------------------------------------

const empty = () => ({
  invocations: { returned: 0, threw: 0, timedOut: 0, ms: 0 },
  requests: {} as Record<string, { calls: number; units: number }>,
  actions: {} as Record<string, number>,
})
