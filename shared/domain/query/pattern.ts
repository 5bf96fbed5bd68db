/**
 * Regular expressions of `~` (docs/protocol/queries.md §6.1: "anchored at the start only"). They come from
 * strangers, so they run on RE2, in time linear to the text. Where that differs from Python is told in
 * `tools/docs/texts/patterns.ts`.
 */
import { RE2JS } from 're2js'
import { type Budget, charge } from './pattern-size.ts'
import { fromPython } from './python-pattern.ts'

/** Characters of a pattern. A key's name has at most 200. */
export const LONGEST = 512

/** A test of texts by their beginning, and its size in instructions. */
export type Pattern = {
  readonly matches: (text: string) => boolean
  readonly instructions: number
}

/** @returns the pattern, or the reason why it isn't taken. */
export const compilePattern = (pattern: unknown, budget: Budget): Pattern | string => {
  if (typeof pattern !== 'string') return invalid('it must be a string')
  if (pattern.length > LONGEST) return invalid(`it may have at most ${LONGEST} characters`)
  const re2 = fromPython(pattern)
  const instructions = charge(re2, budget)
  if (typeof instructions === 'string') return invalid(instructions)
  const compiled = attempt(re2)
  if (typeof compiled === 'string') return invalid(compiled)
  return { matches: (text) => compiled.matcher(text).lookingAt(), instructions }
}

// ---------------------------------------------------------------------------------------------

const invalid = (why: string): string => `Invalid regular expression: ${why}`

const attempt = (pattern: string): RE2JS | string => {
  try {
    return RE2JS.compile(pattern)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    return reason
      .replace(/^error parsing regexp: /, '')
      .replace(/\((\^|\\A)\)/g, '$1')
      .toWellFormed()
  }
}
