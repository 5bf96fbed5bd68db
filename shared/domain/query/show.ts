/** Values in error texts, written as Python's `str()` does: `['a', None]`. Long ones are cut. */
import { Tagged } from '../ejson.ts'
import { isDict } from './values.ts'

/** Characters of one value in a text; parameters may have 64 kB, and an error needn't repeat them. */
const MOST = 500
const DEEPEST = 8

export const show = (value: unknown): string => {
  const text = typeof value === 'string' ? value : outermost(value)
  return text.length > MOST ? `${text.slice(0, MOST).toWellFormed()}…` : text
}

// ---------------------------------------------------------------------------------------------

const outermost = (value: unknown): string =>
  value instanceof Date
    ? value.toISOString().replace('T', ' ').replace('.000Z', '+00:00').replace('Z', '000+00:00')
    : written(value, 0)

const written = (value: unknown, depth: number): string => {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return quoted(value)
  if (value instanceof Date) return moment(value)
  if (value instanceof Tagged || typeof value !== 'object') return String(value)
  if (depth >= DEEPEST) return '...'
  if (Array.isArray(value)) return `[${joined(value, depth)}]`
  if (value instanceof Set) return value.size === 0 ? 'set()' : `{${joined([...value], depth)}}`
  if (!isDict(value)) return 'object'
  return `{${first(Object.entries(value))
    .map(([name, inner]) => `${quoted(name)}: ${written(inner, depth + 1)}`)
    .join(', ')}}`
}

/** Python leaves out seconds and microseconds that are nought. */
const moment = (at: Date): string => {
  const [year, month, day, hour, minute, second, ms] = at.toISOString().split(/\D/).map(Number)
  const last = ms ? [second, ms * 1000] : second ? [second] : []
  return `datetime.datetime(${[year, month, day, hour, minute, ...last].join(', ')}, tzinfo=datetime.timezone.utc)`
}

const joined = (items: readonly unknown[], depth: number): string =>
  first(items)
    .map((item) => written(item, depth + 1))
    .join(', ')

const first = <T>(items: readonly T[]): readonly T[] => items.slice(0, MOST)

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

const quoted = (text: string): string => {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = text.slice(0, MOST + 1).replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what Python escapes
    /[\\'\x00-\x1f\x7f]/g,
    (character) => {
      if (character === "'") return mark === "'" ? "\\'" : "'"
      return ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
    },
  )
  return `${mark}${body}${mark}`
}
