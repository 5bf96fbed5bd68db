/**
 * Query options (docs/protocol/queries.md §6.2, §6.3), with the genuine server's defaults. There the combinations
 * and selectors are checked on the whole object, so those issues have an empty path and there is
 * one of them, the first; a wrong type is told at its own place (`options.order_by.0`; for a selector
 * the genuine server has two, `options.select.0.str` and `options.select.0`).
 */
import * as z from 'zod'
import { readSortKey, type SortKey } from './order.ts'
import { emptyStep, splitPath } from './path.ts'
import type { Selector } from './select.ts'
import { show } from './show.ts'

/** "at most 10000" rows. */
const MOST_ROWS = 10_000

/** Ours, as each is work for every row: thousands of them would hold a Lambda for minutes. */
const MOST_SORT_KEYS = 32
const MOST_SELECTORS = 256

const FieldName = z.string().max(1024)

export const QueryOptions = z
  .strictObject({
    extra: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('Options of single methods; this service has none.'),
    order_by: z
      .array(FieldName)
      .max(MOST_SORT_KEYS)
      .default([])
      .describe(
        'Fields to sort by; of several, the last counts most. `-` before one turns it round; `nulls_first:` and `nulls_last:` before that say where nulls go, without which they are an error.',
      ),
    select: z
      .array(z.union([FieldName, z.array(z.unknown())]))
      .max(MOST_SELECTORS)
      .default([])
      .describe('Fields to keep: `"field"`, `"field.inner"`, or `["field", "new name"]`.'),
    count: z
      .boolean()
      .default(false)
      .describe('The number of matches, whatever `limit` and `offset` say.'),
    get: z.boolean().default(false).describe('The first match alone. No match is an error.'),
    offset: z.int().min(0).default(0).describe('Matches to leave out at the beginning.'),
    limit: z
      .int()
      .min(0)
      .default(0)
      .describe(`Matches to return, at most ${MOST_ROWS}; 0 is all of them.`),
    force_sql_filters: z
      .boolean()
      .default(false)
      .describe('Accepted for compatibility. It has no effect: there is no SQL here.'),
  })
  .transform((raw, context) => {
    const refuse = (text: string): never => {
      context.addIssue({ code: 'custom', message: `Value error, ${text}`.toWellFormed() })
      return z.NEVER
    }
    const problem = wrongCombination(raw)
    if (problem !== null) return refuse(problem)
    const select = all(raw.select, readSelector)
    if (typeof select === 'string') return refuse(select)
    const order_by = all(raw.order_by, readSortKeyOr)
    if (typeof order_by === 'string') return refuse(order_by)
    return { ...raw, select, order_by }
  })
  .prefault({})

/** Options as `runQuery` takes them: selectors and sort keys are read. */
export type QueryOptions = z.output<typeof QueryOptions>

// ---------------------------------------------------------------------------------------------

const wrongCombination = (options: {
  get: boolean
  limit: number
  offset: number
}): string | null => {
  if (options.get && (options.limit > 1 || options.offset > 0))
    return 'Invalid options combination. `get` implies a single result.'
  if (options.limit > MOST_ROWS) return `Options limit must be between 1 and ${MOST_ROWS}`
  return null
}

/** What the items are read as, or the first reason against one. */
const all = <I, O extends object>(
  items: readonly I[],
  read: (item: I) => O | string,
): readonly O[] | string => {
  const done: O[] = []
  for (const item of items) {
    const outcome = read(item)
    if (typeof outcome === 'string') return outcome
    done.push(outcome)
  }
  return done
}

const readSelector = (selector: string | readonly unknown[]): Selector | string => {
  if (typeof selector === 'string') {
    const path = splitPath(selector)
    return path !== null && path.length > 0 ? { path, as: null } : emptyStep(show(selector))
  }
  const [source, as] = selector
  if (selector.length !== 2)
    return `${show(selector)}: A select as list may only contain two parameters: the name of the parameter being selected, and the name to which to assign it in resulting data.`
  if (typeof source !== 'string') return `${show(selector)}: first item must be a string.`
  if (typeof as !== 'string') return `${show(selector)}: second item must be a string.`
  const path = splitPath(source)
  return path === null ? emptyStep(show(source)) : { path, as }
}

const readSortKeyOr = (text: string): SortKey | string => readSortKey(text) ?? emptyStep(show(text))
