/**
 * Regular expressions of `~` (PROTOCOL 6.1: "anchored at the start only"). They come from
 * strangers, so they run on RE2, in time linear to the text. Where that differs from Python is told in
 * `docs/patterns.ts`.
 */
import { RE2JS } from 're2js'
import { fromPython } from './python-pattern.ts'

/** Characters of a pattern. A key's name has at most 200. */
const LONGEST = 512

/** Instructions of all patterns of one query: 10 000 names of 200 characters then take seconds. */
const MOST_INSTRUCTIONS = 1000

/** What the patterns of one query have left to spend. */
export type Budget = { instructions: number }

export const newBudget = (): Budget => ({ instructions: MOST_INSTRUCTIONS })

/** A test of texts by their beginning, or the reason why the pattern isn't taken. */
export const compilePattern = (
  pattern: unknown,
  budget: Budget,
): ((text: string) => boolean) | string => {
  if (typeof pattern !== 'string') return 'Invalid regular expression: it must be a string'
  if (pattern.length > LONGEST)
    return `Invalid regular expression: it may have at most ${LONGEST} characters`
  const compiled = attempt(fromPython(pattern))
  if (typeof compiled === 'string') return `Invalid regular expression: ${compiled}`
  budget.instructions -= compiled.programSize()
  if (budget.instructions < 0)
    return 'Invalid regular expression: the patterns of this query are too complex'
  return (text) => compiled.matcher(text).lookingAt()
}

// ---------------------------------------------------------------------------------------------

const attempt = (pattern: string): RE2JS | string => {
  try {
    return RE2JS.compile(pattern)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return reason.replace(/^error parsing regexp: /, '').toWellFormed()
  }
}
