/** The examples of the documentation, executed. `npm run examples` writes them anew. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Example } from '../../shared/docs/openrpc.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { encode } from '../../shared/rpc/ejson.ts'
import { type Peer, startSockets } from '../kit/peer.ts'
import { type Rig, startRig } from '../kit/service.ts'
import { masked } from './mask.ts'
import { PASSWORDS, tell } from './story.ts'

const FILE = join(import.meta.dirname, '../../shared/docs/examples.json')

let rig: Rig
const examples = new Map<string, Example>()
const secrets: string[] = []
beforeAll(async () => {
  rig = await startRig()
  await tell(startSockets(rig.service), async (peer: Peer, method, ...params) => {
    const result = await peer.call(method, ...params)
    for (const text of JSON.stringify([params, result]).matchAll(/\d{10}-([A-Za-z0-9]{64})/g))
      secrets.push(text[1] ?? '')
    expect(examples.has(method), `${method} once`).toBe(false)
    const wire = JSON.parse(encode({ params, result }))
    examples.set(method, masked(wire) as Example)
    return result
  })
})
afterAll(() => rig.close())

it('are there for every method', () => {
  expect([...METHODS.keys()].filter((name) => !examples.has(name))).toEqual([])
})

it('are what the service answers', async () => {
  const sorted = Object.fromEntries([...examples].sort(([a], [b]) => (a < b ? -1 : 1)))
  await expect(`${JSON.stringify(sorted, null, 2)}\n`).toMatchFileSnapshot(FILE)
})

it('show no secret', () => {
  const text = JSON.stringify([...examples])
  expect(secrets.length).toBeGreaterThan(2)
  for (const secret of [...secrets, ...PASSWORDS]) expect(text.includes(secret)).toBe(false)
})
