/** What a test needs of the system that it drives, beyond what every Keyharbor has. */
import type { TestContext } from 'vitest'

export type Need =
  /** Listeners for plain http and ws. */
  | 'plain text'
  /** Close codes and reasons that are Keyharbor's own. */
  | 'close codes'
  /** A process of the service that the test can start, kill and stop. */
  | 'own process'

/** Needs that a target doesn't meet, with the reason. */
export type Lacks = Readonly<Partial<Record<Need, string>>>

/** Skips the test that runs if the target lacks what it needs. */
export const needing =
  (lacks: Lacks) =>
  ({ skip }: Pick<TestContext, 'skip'>, need: Need): void =>
    skip(need in lacks, lacks[need])
