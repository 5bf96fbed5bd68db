/** docs/cost.md: what is counted and computed in it stands between markers, and is written anew. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replacePart } from '../marked.ts'
import { EVERYTHING, synthesised } from '../synthesised.ts'
import type { All } from './count.ts'
import { factsOf, fixedOf } from './facts.ts'
import { countedTable, fixedTable, millionsTable, monthsTable, pricesTable } from './tables.ts'

export const DOCUMENT = join(import.meta.dirname, '../../docs/cost.md')
/** What the last `npm run cost` counted. */
export const COUNTED = join(import.meta.dirname, 'counted.json')

/** @returns the document with its tables as they follow from what was counted, prices and templates. */
export const withCosts = async (text: string): Promise<string> => {
  const all: All = JSON.parse(await readFile(COUNTED, 'utf8'))
  const assembly = await synthesised(EVERYTHING)
  const facts = factsOf(assembly)
  const parts = {
    counted: countedTable(all),
    millions: millionsTable(all, facts),
    months: monthsTable(all, facts),
    fixed: fixedTable(fixedOf(assembly), all.sweep, facts),
    prices: pricesTable(),
  }
  return Object.entries(parts).reduce(
    (document, [name, part]) => replacePart(document, name, part),
    text,
  )
}
