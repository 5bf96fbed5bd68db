/**
 * Patterns are written for Python's `re`, as genuine servers run them. Where RE2 silently means something else and
 * has another way to say what Python means, that is put in its place. What remains is told in `tools/docs/texts/patterns.ts`.
 */
import { CLASS } from './character-class.ts'

/** The same pattern for RE2. What is no pattern stays none. */
export const fromPython = (pattern: string): string =>
  pattern.replace(
    PART,
    (part: string, reference?: string, least?: string, comma?: string, most?: string) => {
      if (part === '\\Z') return '\\z'
      // In a group it is the same. Where a pattern begins with the bare one RE2 looks whether there is ever only one
      // way on, which takes a quarter of a second for 240 letters that may each be missing.
      if (part === '^' || part === '\\A') return `(${part})`
      // A back-reference, which to RE2 would be a character by its octal number: refused as `\1` is.
      if (reference !== undefined) return part.replace(/\d$/, '(?:)$&')
      // To RE2 `{,3}` and `{03}` are the characters themselves, and `{}` is that to Python too.
      if (least === undefined || part === '{}') return part
      return `{${count(least || '0')}${comma ?? ''}${count(most ?? '')}}`
    },
  )

// ---------------------------------------------------------------------------------------------

/** What stays, so that nothing is found in it: quoted text, escapes, classes; and what is replaced. */
const PART = new RegExp(
  [/\\Q.*?(?:\\E|$)/, /\\Z/, /(\\[1-7][0-7])(?![0-7])/, /\\./, /\{(\d*)(,)?(\d*)\}/, /\^/]
    .map(({ source }) => source)
    .concat(`${CLASS}\\]`)
    .join('|'),
  'gsu',
)

const count = (digits: string): string => digits.replace(/^0+(?=\d)/, '')
