import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { DOCUMENT, withCosts } from '../../tools/cost/document.ts'

test('the tables of docs/cost.md follow from counts, prices and templates', async () => {
  const text = await readFile(DOCUMENT, 'utf8')
  expect(text, 'npm run cost -- --tables computes them anew').toBe(await withCosts(text))
})
