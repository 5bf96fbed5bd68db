/** What a measuring process and those that it starts say to each other, over Node.js's own channel. */

/** One thing asked of a child; it answers with the same id. */
export type Question = { readonly id: number; readonly method: string; readonly argument: unknown }
export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }

/** What a subject has shown in one round. */
export type Sample = {
  /** Operations a second. */
  readonly perSecond: number
  /** Milliseconds that an operation took: the median, and what 99 of 100 stay below. */
  readonly p50: number
  readonly p99: number
  /** Microseconds of CPU, user and system, that the process under test spent on one operation. */
  readonly cpu: number
}

/** How many operations are under way at once: connections, or calls in process. */
export const AT_ONCE = 16
