import { createsBesideRevoke } from './creates-beside-revoke.ts'
import type { Scenario } from './scenario.ts'

export const SCENARIOS: readonly Scenario[] = [createsBesideRevoke]

/**
 * Scenarios that show faults which this code still has: they run, and must fail. One that passes is to be taken
 * out of this list.
 */
export const PENDING: ReadonlySet<string> = new Set(['creates-beside-revoke'])
