import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { parseOptions } from '../../bench/options.ts'
import { fillTemplate, terminalText } from '../../bench/report/document.ts'
import { apartText, flatness } from '../../bench/report/flat.ts'
import { onScale, picture } from '../../bench/report/picture.ts'
import { promises } from '../../bench/report/ratios.ts'
import { type Result, type Row, toRows } from '../../bench/report/result.ts'
import { short } from '../../bench/report/tables.ts'
import { repeat } from '../../bench/run/many.ts'
import type { Sample } from '../../bench/run/protocol.ts'
import { measureInRounds } from '../../bench/run/rounds.ts'
import { overlap, percentile, perItem, spread, summarise, toSample } from '../../bench/run/stats.ts'
import { Skip, type Subject } from '../../bench/run/subject.ts'
import { unitsOf } from '../../bench/scale/units.ts'
import { createItems } from '../../bench/servers/parts/items.ts'

describe('numbers of several rounds', () => {
  it('are their median, and from where to where they go', () => {
    expect(summarise([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 })
    expect(spread({ median: 2, low: 1, high: 3 })).toBe(1)
  })

  it('may as well be the same where they overlap', () => {
    const one = summarise([1, 2, 3])
    expect(overlap(one, summarise([3, 4, 5]))).toBe(true)
    expect(overlap(one, summarise([3.1, 4, 5]))).toBe(false)
    expect(overlap(one, summarise([2, 3, 4]), summarise([1, 1.9]))).toBe(false)
  })
})

describe('a round', () => {
  it('is a rate, percentiles, and CPU for one operation', () => {
    const times = Array.from({ length: 100 }, (_, at) => at + 1)
    expect(toSample(times, 500, 2000)).toEqual({ perSecond: 200, p50: 50, p99: 99, cpu: 20 })
    expect(percentile([], 0.5)).toBeNaN()
  })

  it('of calls that ask for several things counts the things', () => {
    const sample = { perSecond: 10, p50: 1, p99: 2, cpu: 500 }
    expect(perItem(sample, 100)).toEqual({ perSecond: 1000, p50: 1, p99: 2, cpu: 5 })
  })

  it('has so many at once, and ends when the time is over', async () => {
    let most = 0
    let now = 0
    const { times, ms } = await repeat(
      0.02,
      async () => {
        now++
        most = Math.max(most, now)
        await new Promise(setImmediate)
        now--
      },
      3,
    )
    expect(most).toBe(3)
    expect(times.length).toBeGreaterThan(3)
    expect(ms).toBeGreaterThanOrEqual(20)
  })
})

describe('rounds', () => {
  const SAMPLE: Sample = { perSecond: 1, p50: 1, p99: 1, cpu: 1 }
  const HOW = { rounds: 2, seconds: 1, warmUp: 1, say: () => {} }
  const subject = (id: string, seen: string[], start?: () => never): Subject => ({
    id,
    group: 'floors',
    label: id,
    by: 'process',
    start: async () => {
      start?.()
      return {
        measure: async () => {
          seen.push(id)
          return SAMPLE
        },
        close: async () => void seen.push(`${id} closed`),
      }
    },
  })

  it('are interleaved, after each subject was warmed up once', async () => {
    const seen: string[] = []
    const { measured } = await measureInRounds([subject('a', seen), subject('b', seen)], HOW)
    expect(seen).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'b closed', 'a closed'])
    expect(measured.get('a')).toHaveLength(2)
  })

  it('go on without what can’t be measured, and say why', async () => {
    const seen: string[] = []
    const without = subject('b', seen, () => {
      throw new Skip('there is no route')
    })
    const rounds = await measureInRounds([subject('a', seen), without], HOW)
    expect(toRows([without], rounds)).toMatchObject([{ found: null, skipped: 'there is no route' }])
  })

  it('end with what fails, and close the rest', async () => {
    const seen: string[] = []
    const broken = subject('b', seen, () => {
      throw new Error('no port')
    })
    await expect(measureInRounds([subject('a', seen), broken], HOW)).rejects.toThrow('b')
    expect(seen).toEqual(['a closed'])
  })
})

describe('what a process asked of AWS', () => {
  const counts = (requests: Record<string, { calls: number; units: number }>) => ({
    check: { invocations: { returned: 0, threw: 0, timedOut: 0, ms: 0 }, requests, actions: {} },
  })

  it('is what has grown, by kind', () => {
    const before = counts({ 'dynamodb:BatchGetItem': { calls: 2, units: 4 } })
    const after = counts({
      'dynamodb:BatchGetItem': { calls: 5, units: 10 },
      'dynamodb:UpdateItem': { calls: 1, units: 1 },
      'kms:Decrypt': { calls: 1, units: 0 },
    })
    expect(unitsOf('check', before, after)).toEqual({ calls: 4, reads: 6, writes: 1, kms: 1 })
    expect(unitsOf('another', before, after)).toEqual({ calls: 0, reads: 0, writes: 0, kms: 0 })
  })
})

describe('the canned DynamoDB', () => {
  const ask = (...names: string[]): string =>
    JSON.stringify({
      RequestItems: {
        table: {
          Keys: names.map((pk) => ({ pk: { S: pk }, sk: { S: 'CHECK' } })),
          ConsistentRead: true,
        },
      },
    })
  const item = (pk: string) => ({ pk: { S: pk }, sk: { S: 'CHECK' }, n: { N: '1' } })
  const found = (...items: object[]) => ({ Responses: { table: items }, UnprocessedKeys: {} })

  it('answers whichever keys are asked for, once it has seen each, also those that aren’t there', () => {
    const items = createItems()
    expect(items.answer('BatchGetItem', ask('a'))).toBeUndefined()
    items.learn('BatchGetItem', ask('a', 'gone'), JSON.stringify(found(item('a'))))
    items.learn('BatchGetItem', ask('b'), JSON.stringify(found(item('b'))))
    const answer = items.answer('BatchGetItem', ask('b', 'gone', 'a')) ?? ''
    expect(JSON.parse(answer)).toEqual(found(item('b'), item('a')))
    expect(items.answer('BatchGetItem', ask('a', 'c'))).toBeUndefined()
  })

  it('knows parts of items, and queries, only as they were asked', () => {
    const items = createItems()
    const part = ask('a').replace(
      '"ConsistentRead"',
      '"ProjectionExpression":"#n","ConsistentRead"',
    )
    items.learn('BatchGetItem', part, '{"part":1}')
    expect(items.answer('BatchGetItem', part)).toBe('{"part":1}')
    expect(items.answer('BatchGetItem', ask('a'))).toBeUndefined()
    items.learn('Query', '{"a":1}', '{}')
    expect(items.answer('Query', '{"a":1}')).toBe('{}')
    expect(items.answer('Query', '{"a":2}')).toBeUndefined()
  })
})

describe('the options', () => {
  it('measure all of it, and write, unless told otherwise', () => {
    expect(parseOptions([])).toMatchObject({ rounds: 5, out: 'docs' })
    expect(parseOptions(['--quick'])).toMatchObject({ rounds: 2, out: null })
    expect(parseOptions(['--only', 'peers'])).toMatchObject({ groups: ['peers'], out: null })
    expect(parseOptions(['--quick', '--out', 'here'])).toMatchObject({ out: 'here' })
    expect(parseOptions(['--sizes', '10,200'])).toMatchObject({ sizes: [10, 200] })
  })

  it('say what can’t be understood', () => {
    expect(() => parseOptions(['--rounds', 'many'])).toThrow('--rounds takes a whole number')
    expect(() => parseOptions(['--sizes', '10,'])).toThrow('--sizes takes a whole number')
    expect(() => parseOptions(['--only', 'nothing'])).toThrow('floors, ours, peers, scale, cost')
    expect(() => parseOptions(['--fast'])).toThrow('Usage: npm run bench')
  })
})

describe('the report', () => {
  const row = (id: string, group: Row['group'], perSecond: number, cpu: number): Row => {
    const sample = { perSecond, p50: 1, p99: 2, cpu }
    const same = (value: number) => summarise([value])
    const found = { perSecond: same(perSecond), p50: same(1), p99: same(2), cpu: same(cpu) }
    return { id, group, label: `\`${id}\` & more`, by: 'http', found, samples: [sample] }
  }
  const units = (reads: number) => ({ calls: 1, reads, writes: 0, kms: 0 })
  const result: Result = {
    machine: {
      at: '2026-01-01',
      cpu: 'a chip',
      cores: 2,
      gigabytes: 4,
      system: 'Linux',
      node: 'v20',
      versions: { hono: '4' },
    },
    rounds: 5,
    seconds: 5,
    rows: [
      row('hono-nothing', 'floors', 20_000, 20),
      row('hono-hmac', 'floors', 18_000, 40),
      row('http-canned-key', 'ours', 5_000, 100),
      row('batch-canned-key', 'ours', 40_000, 12),
      row('process-canned-key', 'ours', 800, 600),
      row('process-batch-canned-key', 'ours', 9_000, 60),
      row('http-1-canned-key', 'ours', 700, 700),
      row('batch-1-canned-key', 'ours', 6_900, 80),
      row('hono-hmac', 'floors', 25_000, 40),
      row('own-key', 'ours', 15_000, 50),
      row('own-16-key', 'ours', 14_000, 57),
      { ...row('ws-json', 'floors', 40_000, 14), by: 'socket' },
      { ...row('ping', 'ours', 3_000, 252), by: 'socket' },
      { ...row('query', 'ours', 900, 1000), by: 'socket' },
      row('better-auth-memory', 'peers', 800, 900),
      row('oidc-provider', 'peers', 2_500, 250),
      row('check-100', 'scale', 500, 900),
      row('check-1000000', 'scale', 490, 900),
    ],
    asked: [100, 1_000_000].map((size) => ({ size, check: units(2), query: units(4) })),
    sweeps: [{ size: 100, ms: summarise([20, 30]), calls: 200, reads: 100, writes: 900 }],
    costs: [
      {
        what: 'a good key, asked by access token',
        counted: 500,
        answers: { '200 active': 500 },
        units: units(2e6),
      },
    ],
    profiles: [
      { id: 'own-key', label: 'our own work', shares: [{ area: 'shared/http', share: 0.25 }] },
    ],
  }
  const verdictOn = (what: RegExp) => promises(result).find((one) => what.test(one.what))

  it('holds promises against what was found', () => {
    expect(verdictOn(/better-auth/)).toMatchObject({
      holds: true,
      found: '6.3 × the rate, 9.0 × by CPU',
    })
    expect(verdictOn(/oidc-provider/)?.holds).toBe(true)
    expect(verdictOn(/own CPU .* one event at a time, .* by key/)?.holds).toBe(true)
    expect(verdictOn(/own CPU .* 16 at once, .* by key/)?.holds).toBe(false)
    expect(verdictOn(/read units .* checks/)?.holds).toBe(true)
  })

  it('holds frames against a bare socket that reads and writes JSON', () => {
    expect(verdictOn(/core\.ping/)).toMatchObject({ holds: true, wanted: '18 × or less' })
    expect(verdictOn(/page of 25 keys/)).toMatchObject({
      holds: false,
      found: '71.43 ×: 1000 µs (1000–1000)',
    })
  })

  it('holds batches against single checks of one asker; many at once share reads without', () => {
    expect(verdictOn(/hundred at once, .* in process/)).toMatchObject({ holds: true })
    expect(verdictOn(/hundred at once, .* one connection/)).toMatchObject({
      holds: false,
      wanted: '10 × or more',
      found: '9.9 × the rate, 8.8 × by CPU',
    })
    expect(verdictOn(/hundred at once, .* 16 connections/)).toMatchObject({
      holds: null,
      found: '8.0 × the rate, 8.3 × by CPU',
    })
  })

  it('calls flat what differs between sizes no more than between rounds', () => {
    const rounds = (id: string, ...p50: number[]): Row => {
      const one = row(id, 'scale', 1, 1)
      return { ...one, found: one.found && { ...one.found, p50: summarise(p50) } }
    }
    const among = (...rows: Row[]) => flatness({ ...result, rows }, 'check')
    const few = rounds('check-100', 1, 1.1, 1.2)
    const found = among(few, rounds('check-1000000', 1.1, 1.2, 1.3))
    expect(found).toMatchObject({ flat: true, medians: { low: 1.1, high: 1.2 } })
    expect(apartText(found)).toBe(
      '1.100–1.200 ms, 8.7 % apart; rounds of one size 16.7–18.2 % apart',
    )
    expect(among(few, rounds('check-1000000', 1.3, 1.4)).flat).toBe(false)
    expect(among(few).flat).toBeNull()
  })

  it('calls reads the same only where they are exactly as many at every size', () => {
    expect(verdictOn(/^read units for one check/)).toMatchObject({ holds: true, found: '2' })
    const [first, ...others] = result.asked
    const asked = [...(first ? [{ ...first, check: units(2.05) }] : []), ...others]
    expect(flatness({ ...result, asked }, 'check').sameReads).toBe(false)
  })

  it('says of what wasn’t measured that it wasn’t', () => {
    expect(verdictOn(/mistyped/)).toMatchObject({ holds: null, found: 'not measured' })
    const without = promises({ ...result, rows: [], asked: [], costs: [] })
    expect(without.filter(({ holds }) => holds !== null)).toEqual([])
    expect(without.map(({ what }) => what)).toContain('one check, many keys beside few')
  })

  it('fills every part of the template', async () => {
    const template = await readFile(join(import.meta.dirname, '../../bench/template.md'), 'utf8')
    const text = fillTemplate(template, result)
    expect(text).toContain('| `oidc-provider` & more | 2,500 |')
    expect(text).toContain('| shared/http | 25.0 % | 12.5 µs |')
    expect(text).not.toMatch(/<!-- begin [^>]*-->\n<!-- end/)
  })

  it('shows a terminal what there is', () => {
    expect(terminalText(result)).toContain('peers:')
    expect(terminalText({ ...result, costs: [] })).not.toContain('cost:')
  })

  it('draws a picture that is XML', () => {
    const drawn = picture(result)
    expect(drawn).toContain('oidc-provider &amp; more')
    // The ground, and a bar for each row.
    expect(drawn.match(/<rect/g)).toHaveLength(1 + 15)
    expect(drawn).not.toContain('NaN')
  })
})

test('a logarithmic scale has a decade everywhere as wide', () => {
  expect(onScale(1, 1, 1000)).toBe(0)
  expect(onScale(10, 1, 1000)).toBeCloseTo(1 / 3)
  expect(onScale(1000, 1, 1000)).toBe(1)
})

test('numbers have three digits that count', () => {
  expect([12_345.6, 12.34, 1.234, Number.NaN].map(short)).toEqual(['12,346', '12.3', '1.23', '–'])
})
