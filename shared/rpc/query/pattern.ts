/**
 * Regular expressions of `~` (PROTOCOL 6.1: "anchored at the start only"). They come from
 * strangers, so they run on RE2, in time linear to the text; its syntax has no lookaround and no
 * back-references, `\d`, `\w` and `\s` are ASCII only, and `$` is the very end.
 */
import { RE2JS } from 're2js'
import { type Budget, charge } from './pattern-size.ts'

/** Characters of a pattern. A key's name has at most 200. */
export const LONGEST = 512

/** A test of texts by their beginning, or the reason why the pattern isn't taken. */
export const compilePattern = (
  pattern: unknown,
  budget: Budget,
): ((text: string) => boolean) | string => {
  if (typeof pattern !== 'string') return 'Invalid regular expression: it must be a string'
  if (pattern.length > LONGEST)
    return `Invalid regular expression: it may have at most ${LONGEST} characters`
  const size = charge(pattern, budget)
  const compiled = typeof size === 'string' ? size : attempt(pattern)
  if (typeof compiled === 'string') return `Invalid regular expression: ${compiled}`
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
