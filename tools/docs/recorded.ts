/** What the service answered when the examples were run: recorded by tests (`npm run examples`), as it stands on the
 * wire, without what is secret or new each time. */
import type { Version } from '../../shared/domain/versions.ts'
import examples from '../../test/docs/recorded/examples.json' with { type: 'json' }
import results from '../../test/docs/recorded/query-results.json' with { type: 'json' }
import talks from '../../test/docs/recorded/talk.json' with { type: 'json' }

export type Example = {
  /** By position. */
  readonly params: readonly unknown[]
  readonly result: unknown
}
/** By method. */
export type Examples = Readonly<Record<string, Example>>
export const EXAMPLES: Readonly<Record<Version, Examples>> = examples

/** One frame, by who sent it; what is no JSON, as its text. */
export type Line = { readonly from: 'client' | 'service'; readonly frame: unknown }
/** By what they show: beginning, logging in, events. */
export type Talk = Readonly<Record<string, readonly Line[]>>
export const TALKS = talks as Readonly<Record<Version, Talk>>

type Answer = { readonly result?: unknown; readonly error?: unknown }
/** By `idOf` of a query (`texts/queries.ts`). */
export const RESULTS: Readonly<Record<string, Answer>> = results
