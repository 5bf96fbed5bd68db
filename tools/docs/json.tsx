/** JSON for people: short parts on one line, and words coloured by what they are. */
import type { Child } from 'hono/jsx'

/** Laid out like a person would: what fits into a line stays on it. */
export const layOut = (value: unknown, indent = 0): string => {
  const short = onOneLine(value)
  if (short.length + indent <= WIDTH || typeof value !== 'object' || value === null) return short
  const inner = ' '.repeat(indent + 2)
  const outer = ' '.repeat(indent)
  // One thing alone needs no lines for its brackets.
  if (Array.isArray(value) && value.length === 1) return `[${layOut(value[0], indent)}]`
  if (Array.isArray(value))
    return `[\n${value.map((one) => inner + layOut(one, indent + 2)).join(',\n')}\n${outer}]`
  const members = Object.entries(value).map(
    ([name, part]) => `${inner}${JSON.stringify(name)}: ${layOut(part, indent + 2)}`,
  )
  return `{\n${members.join(',\n')}\n${outer}}`
}

/** Spans of classes `name`, `text`, `number` and `word`. */
export const coloured = (json: string): Child[] => {
  const parts: Child[] = []
  let done = 0
  for (const match of json.matchAll(TOKEN)) {
    const [token, name, text, number] = match
    parts.push(json.slice(done, match.index))
    const kind = name ? 'name' : text ? 'text' : number ? 'number' : 'word'
    parts.push(<span class={kind}>{token}</span>)
    done = match.index + token.length
  }
  return [...parts, json.slice(done)]
}

// ---------------------------------------------------------------------------------------------

const WIDTH = 76

const TOKEN =
  /("(?:[^"\\]|\\.)*"(?=\s*:))|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(?:true|false|null)\b/g

const onOneLine = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([name, part]) => `${JSON.stringify(name)}: ${onOneLine(part)}`,
  )
  return members.length === 0 ? '{}' : `{${members.join(', ')}}`
}
