/**
 * Field paths (docs/protocol/queries.md §6.1): `a.b`, `a\.b` for a literal dot, `a.0` for a place in a list and
 * `a.*` for any element. As on the genuine server, what a path says beyond a scalar is ignored
 * (`name.x` is `name`), and a place beyond a list's end is null rather than missing.
 */
import { isDict, own, typeError } from './values.ts'

export type Path = readonly string[]

/** The steps of a path; null if one of them is empty, such as in `a..b`. `''` is the row itself. */
export const splitPath = (text: string): Path | null => {
  const steps: string[] = []
  let step = ''
  let rest = text
  while (rest !== '') {
    const dot = rest.indexOf('.')
    if (dot === -1) return [...steps, step + rest]
    if (dot === 0) return null
    const isEscaped = rest[dot - 1] === '\\'
    step += isEscaped ? `${rest.slice(0, dot - 1)}.` : rest.slice(0, dot)
    rest = rest.slice(dot + 1)
    if (isEscaped && rest !== '') continue
    steps.push(step)
    step = ''
  }
  return steps
}

/** Why {@link splitPath} gave null. */
export const emptyStep = (text: string): string =>
  `${text}: a field path may not have an empty part.`

/** True if the test holds for the value at the path, or at `*` for any. False if it is missing. */
export const someAt = (
  row: unknown,
  path: Path,
  test: (value: unknown) => boolean,
  from = 0,
): boolean => {
  let value = row
  for (let at = from; at < path.length; at += 1) {
    const step = path[at] ?? ''
    if (Array.isArray(value) && step === '*')
      return value.some((item) => someAt(item ?? null, path, test, at + 1))
    if (isScalar(value)) break
    value = stepInto(value, step)
    if (value === undefined) return false
  }
  return test(value)
}

/** The value at the path to sort by: null if it is missing, the list itself at `*`. */
export const valueAt = (row: unknown, path: Path): unknown => {
  let value = row
  for (const step of path) {
    if (isScalar(value) || (Array.isArray(value) && step === '*')) return value
    value = stepInto(value, step)
    if (value === undefined) return null
  }
  return value
}

// ---------------------------------------------------------------------------------------------

/** What a path says beyond is ignored, however much it is. */
const isScalar = (value: unknown): boolean => !Array.isArray(value) && !isDict(value)

const stepInto = (value: unknown, step: string): unknown => {
  if (isDict(value)) return own(value, step)
  if (!Array.isArray(value)) return value
  if (!/^\d+$/.test(step)) typeError(`${step}: must be array index or wildcard character`)
  return value[Number(step)] ?? null
}
