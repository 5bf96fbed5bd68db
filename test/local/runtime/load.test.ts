/** Bundles that can't be loaded fail their events, and are not tried for ever. */
import { describe, expect, it } from 'vitest'
import { hushed } from '../kit.ts'
import { poolOf } from './kit.ts'

describe('a bundle that cannot be loaded', () => {
  it.each([
    ['throws', 'throw new RangeError("no")', 'no'],
    ['exports no handler', 'export const other = 1', 'index.handler is not a function'],
    ['wants a callback', 'export const handler = (a, b, done) => done()', 'has no callbacks'],
    ['ends its process', 'process.exit(4)', 'ended with exit code 4'],
  ])('fails each event, one process for each: it %s', async (_, source, message) => {
    hushed()
    const { invoke, size } = await poolOf(source)
    for (const outcome of await Promise.all([invoke({}), invoke({})]))
      expect(outcome).toMatchObject({
        kind: 'threw',
        error: { errorMessage: expect.stringContaining(message) },
      })
    expect(size()).toBe(0)
  })

  it('does not hold up its event for ever', async () => {
    hushed()
    const { invoke } = await poolOf('setInterval(() => {}, 1000); await new Promise(() => {})', {
      initMs: 300,
    })
    expect(await invoke({})).toMatchObject({ error: { errorType: 'Sandbox.Timedout' } })
  })

  it('is said when its Node.js cannot be started', async () => {
    hushed()
    const { invoke } = await poolOf('export const handler = () => {}', { node: '/nowhere/node' })
    expect(await invoke({})).toMatchObject({
      error: { errorMessage: expect.stringContaining('could not be started') },
    })
  })
})
