/** Time and chance are handed in: what tests move by hand is what the service goes by. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const SHARED = join(import.meta.dirname, '../shared')

/** Files that may look at the machine's own clock or dice, and for what. */
const MAY: Readonly<Record<string, string>> = {
  'domain/carried.ts':
    'until when somebody waits for what is worked on: it decides whether that goes on, and nothing else',
  'domain/elapsed.ts': 'a clock that never goes back, for what a process limits by itself',
  'domain/retry.ts':
    'for how long it is tried again, which no clock that is set may change, and jitter in between: they decide when, and nothing else',
  'keys/check.ts': 'when the work of an answer began that leaves at a step (`limits/steps.ts`)',
  'limits/steps.ts': 'a step of the clock is what it waits for',
  'service.ts': 'the default of the clock that is handed on to all others',
  'sessions/scram-login.ts':
    'when the work of an answer began that leaves at a step (`limits/steps.ts`)',
  'store/quick-reads.ts':
    'AWS judges signatures by its own clock; a broken connection rests for a second',
}

const AMBIENT = /Date\.now|performance\.|process\.hrtime|Math\.random|new Date\(\)|Temporal\.Now/

const sources = readdirSync(SHARED, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const text = readFileSync(join(SHARED, file), 'utf8')
    return { file, code: text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '') }
  })

it('shared/ takes time and chance from who calls it', () => {
  const found = sources.filter(({ code }) => AMBIENT.test(code)).map(({ file }) => file)
  expect(
    found.sort(),
    'hand in `now: () => number` (service.now), or say in this test why not',
  ).toEqual(Object.keys(MAY).sort())
})

it('what is remembered for a time is remembered by the clock that was handed in', () => {
  const caches = sources.flatMap(({ file, code }) =>
    code
      .split(/new LRUCache\b/)
      .slice(1)
      .map((rest) => ({ file, options: rest.slice(0, rest.search(/\)\n/)) })),
  )
  expect(caches.length).toBeGreaterThan(8)
  const timed = caches.filter(({ options }) => /\bttl\b/.test(options))
  expect(timed.map(({ file }) => file)).toEqual(['crypto/vault.ts'])
  for (const { options } of timed) {
    expect(options).toMatch(/\bperf: \{ now \}/)
    expect(options).toMatch(/\bttlResolution: 0\b/)
  }
})
