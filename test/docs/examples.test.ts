/** The examples of the documentation, executed. `npm run examples` writes them anew. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { encode } from '../../shared/domain/ejson.ts'
import { isAtLeast, VERSIONS, type Version } from '../../shared/domain/versions.ts'
import { METHODS } from '../../shared/methods/index.ts'
import type { Example } from '../../tools/docs/recorded.ts'
import { REAL_ROUNDS } from '../kit/costs.ts'
import { type Peer, startSockets } from '../kit/peer.ts'
import { type Rig, startRig } from '../kit/service.ts'
import { masked } from './mask.ts'
import { PASSWORDS, tell } from './story.ts'

const FILE = join(import.meta.dirname, 'recorded/examples.json')

const rigs: Rig[] = []
/** By version, then by method. */
const examples = new Map<Version, Map<string, Example>>()
const secrets: string[] = []
beforeAll(async () => {
  for (const version of VERSIONS) {
    const rig = await startRig({}, REAL_ROUNDS)
    rigs.push(rig)
    const of = new Map<string, Example>()
    examples.set(version, of)
    await tell(startSockets(rig.service), version, async (peer: Peer, method, ...params) => {
      const result = await peer.call(method, ...params)
      for (const text of JSON.stringify([params, result]).matchAll(/\d{10}-([A-Za-z0-9]{64})/g))
        secrets.push(text[1] ?? '')
      expect(of.has(method), `${method} once`).toBe(false)
      const wire = JSON.parse(encode({ params, result }))
      of.set(method, masked(wire) as Example)
      return result
    })
  }
})
afterAll(() => Promise.all(rigs.map((rig) => rig.close())))

it.each(VERSIONS)('are there for every method of %s', (version) => {
  const known = [...METHODS.values()].filter(
    ({ since }) => since === undefined || isAtLeast(version, since),
  )
  const missing = known.filter(({ name }) => !examples.get(version)?.has(name))
  const why = 'give each of these a step in test/docs/story.ts, then npm run examples'
  expect(
    missing.map(({ name }) => name),
    why,
  ).toEqual([])
})

it('are what the service answers', async () => {
  const sorted = Object.fromEntries(
    [...examples].map(([version, of]) => [
      version,
      Object.fromEntries([...of].sort(([a], [b]) => (a < b ? -1 : 1))),
    ]),
  )
  const text = `${JSON.stringify(sorted, null, 2)}\n`
  await expect(text, 'npm run examples writes it anew').toMatchFileSnapshot(FILE)
})

it('show no secret', () => {
  const text = JSON.stringify([...examples.values()].map((of) => [...of]))
  expect(secrets.length).toBeGreaterThan(2)
  for (const secret of [...secrets, ...PASSWORDS]) expect(text.includes(secret)).toBe(false)
})
