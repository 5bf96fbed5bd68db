/**
 * The option `select` (docs/protocol/queries.md §6.2): "`"a.b"` keeps the nesting; `["src","dst"]` renames; missing
 * fields skipped". Only the source is a path: the new name is taken as it is, dots and all.
 */
import type { Path } from './path.ts'
import { isDict, own, typeError, typeName } from './values.ts'

/** A field to keep; `as` is its new name, or null if it keeps its place. */
export type Selector = { readonly path: Path; readonly as: string | null }

/** A new object with the selected fields. The row isn't changed; values are shared with it. */
export const pick = (row: object, selectors: readonly Selector[]): object => {
  const picked = emptyDict()
  for (const { path, as } of selectors) {
    const found = follow(row, path)
    if (found === null) continue
    if (as !== null) picked[as] = found.value
    else put(picked, found.keys, found.value)
  }
  return picked
}

// ---------------------------------------------------------------------------------------------

type Target = Record<string, unknown>

/** No prototype, so that a new name `__proto__` is a name like any other. */
const emptyDict = (): Target => Object.create(null)

/** The value and the steps that led to it: what a path says beyond a scalar is ignored. */
const follow = (row: object, path: Path): { keys: string[]; value: unknown } | null => {
  const keys: string[] = []
  let value: unknown = row
  for (const step of path) {
    if (Array.isArray(value)) typeError('Selecting by list index is not supported')
    if (!isDict(value)) break
    value = own(value, step)
    if (value === undefined) return null
    keys.push(step)
  }
  return { keys, value }
}

const put = (target: Target, keys: readonly string[], value: unknown): void => {
  let dict = target
  keys.forEach((key, at) => {
    if (at === keys.length - 1) {
      dict[key] = value
      return
    }
    const inner = own(dict, key)
    if (inner !== undefined && !isDict(inner))
      typeError(`'${typeName(inner)}' object does not support item assignment`)
    // Copied even if it was picked before: it may be the row's own.
    const copy: Target = Object.assign(emptyDict(), inner)
    dict[key] = copy
    dict = copy
  })
}
