/** docs/cost.md says what is: what activities ask of AWS, counted anew on the running bundles. */
import { readFile } from 'node:fs/promises'
import { expect, inject, test } from 'vitest'
import { type All, count } from '../../tools/cost/count.ts'
import { COUNTED } from '../../tools/cost/document.ts'

test('what is counted is what docs/cost.md was computed from: npm run cost', async () => {
  const { bootstrap, record } = inject('cloud')
  const { https, wss, operatorToken } = bootstrap
  const ca = await readFile(bootstrap.ca, 'utf8')
  const found = await count({ https, wss, operatorToken, ca }, record ?? '')
  const known: All = JSON.parse(await readFile(COUNTED, 'utf8'))
  expect(untimed(found)).toEqual(untimed(known))
})

/** How long it took is another matter each time. */
const untimed = (all: All) =>
  Object.entries(all).map(([name, { functions, ...counted }]) => ({
    name,
    ...counted,
    functions: Object.entries(functions).map(([fn, { calls }]) => [fn, calls]),
  }))
