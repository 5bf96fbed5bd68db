/** Reading less than all keys never changes what a query answers. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf } from '../../shared/domain/key.ts'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { matches } from '../../shared/domain/query/match.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { runQuery } from '../../shared/domain/query/query.ts'
import { newWork } from '../../shared/domain/query/work.ts'
import { apiKeyEntry } from '../../shared/keys/entry.ts'
import { findRows } from '../../shared/keys/queries.ts'
import type { KeyFacts } from '../../shared/store/key-items.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKeysInBulk } from '../../tools/scale/bulk.ts'
import { startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

const NAMES = ['a', 'B', 'b', 'bb', 'é', 'z', '😀', '\uffff', '\u{10ffff}', '\u{10ffff}\u{10ffff}']

let rig: Rig
let admin: User
let all: KeyFacts[]
beforeAll(async () => {
  rig = await startRig()
  admin = await newTenant(rig.service)
  const { tenant } = admin
  const ada = await addUser(rig.service, tenant, 'ada', ['READONLY_ADMIN'])
  const gone = await addUser(rig.service, tenant, 'gone', ['READONLY_ADMIN'])
  const { key } = await addKey(rig.service, gone, { name: 'orphan' })
  const peer = await startSockets(rig.service).openAs(admin)
  await peer.call('user.delete', gone.uid)
  const client = new DynamoDBClient({})
  await addKeysInBulk(client, rig.table, {
    tenant,
    from: key.n + 5,
    to: key.n + 5 + 3 * NAMES.length,
    key: (n) => ({
      name: `${NAMES[n % NAMES.length]}${'x'.repeat(Math.floor(n / NAMES.length) % 3)}`,
      owner: n % 3 === 0 ? ada : admin,
      createdAt: 1e12 + n * 400,
      expires: n % 4 === 0 ? 2e12 + n * 100 : null,
    }),
  })
  client.destroy()
  all = await read(tenant)
})
afterAll(() => rig.close())

const read = async (tenant: number): Promise<KeyFacts[]> => {
  const keys: KeyFacts[] = []
  for await (const key of rig.service.keys.inRange(tenant, {
    from: 1,
    to: 1e9 - 1,
    descending: false,
  }))
    keys.push(key)
  return keys
}

const row = (key: KeyFacts) => apiKeyEntry(key, 'v26.0.0')

const whole = (filters: unknown, options: unknown): unknown =>
  runQuery(all.map(row), QueryFilters.parse(filters), QueryOptions.parse(options))

/** The answer, and how many keys were looked at for it. */
const planned = async (filters: unknown, options: unknown) => {
  const ask = {
    tenant: admin.tenant,
    filters: QueryFilters.parse(filters),
    options: QueryOptions.parse(options),
  }
  let looked = 0
  const count = (key: KeyFacts) => {
    looked++
    return row(key)
  }
  const rows = await findRows(rig.service, ask, count, matches(ask.filters), newWork())
  return { answer: runQuery(rows, ask.filters, ask.options), looked }
}

it('gives the same answer as looking at every key, wherever that gives one', async () => {
  const text = fc.constantFrom(...NAMES, 'bx', '', 'orphan', '\ud800', 'x'.repeat(201))
  const comparison = fc.constantFrom('=', '!=', '<', '<=', '>', '>=')
  const id = fc
    .integer({ min: -2, max: 45 })
    .chain((n) => fc.constantFrom(n, n + 0.5))
    .map((n) => idOf({ tenant: admin.tenant, n }))
  const ids = fc.oneof(
    { weight: 5, arbitrary: id },
    fc.constantFrom(0, -1, true, 'text', null, 1e300, -1e300, idOf({ tenant: 9000, n: 3 })),
  )
  const condition = fc.oneof(
    fc.tuple(fc.constant('id'), comparison, ids),
    fc.tuple(fc.constant('id'), fc.constant('in'), fc.array(ids, { maxLength: 4 })),
    fc.tuple(fc.constant('name'), fc.oneof(comparison, fc.constantFrom('^', '$', 'Crin')), text),
    fc.tuple(fc.constant('name'), fc.constant('in'), fc.array(text, { maxLength: 4 })),
    fc.tuple(
      fc.constant('username'),
      fc.constantFrom('=', '!='),
      fc.constantFrom('admin', 'ada', 'gone', 'nobody', 'no name', '', null),
    ),
    fc.tuple(fc.constant('expires_at'), fc.constant('='), fc.constant(null)),
  )
  const filter = fc.oneof(
    { weight: 4, arbitrary: condition },
    fc.tuple(fc.constant('OR'), fc.array(condition, { minLength: 1, maxLength: 2 })),
  )
  const options = fc.record(
    {
      order_by: fc.constantFrom(
        ...[
          [],
          ['id'],
          ['-id'],
          ['name'],
          ['-name'],
          ['username', 'id'],
          ['nulls_last:expires_at'],
        ],
        ...[['nulls_first:-name'], ['created_at']],
      ),
      limit: fc.constantFrom(0, 1, 3, 50),
      offset: fc.constantFrom(0, 1, 7),
      count: fc.boolean(),
      get: fc.boolean(),
      select: fc.constantFrom(
        ...[[], ['id', 'name'], ['name'], ['id'], [['name', 'id']], [['id', 'name'], 'username']],
      ),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(filter, { maxLength: 3 }), options, async (filters, options) => {
      let expected: unknown
      try {
        expected = whole(filters, options)
      } catch {
        return
      }
      expect((await planned(filters, options)).answer).toEqual(expected)
    }),
    { numRuns: 1500 },
  )
})

it('finds no name where conditions leave none, in the order of names too', async () => {
  const filters = [
    ['name', '^', 'orphan'],
    ['name', '^', 'a'],
  ]
  const { answer } = await planned(filters, { order_by: ['-name'], limit: 3 })
  expect(answer).toEqual([])
})

it('does not look past the first match where `get` does not, though `count` is asked for too', async () => {
  const filters = [
    [
      'OR',
      [
        ['expires_at', '=', null],
        ['id', '>', null],
      ],
    ],
  ]
  const options = { count: true, get: true }
  expect((await planned(filters, options)).answer).toEqual(whole(filters, options))
})

describe('looks at no more than', () => {
  const middle = () => all[Math.floor(all.length / 2)]?.id ?? 0

  it.each<[string, unknown[], object, number]>([
    ['the page, newest first', [], { order_by: ['-id'], limit: 5 }, 5],
    ['the page, oldest first', [], { limit: 5, offset: 2 }, 7],
    ['the page, by name', [], { order_by: ['name'], limit: 5 }, 5],
    ['the page, by name against the order', [], { order_by: ['-name'], limit: 5 }, 5],
    ['the one of a name', [['name', '=', 'bx']], {}, 1],
    ['a user’s', [['username', '=', 'ada']], {}, 10],
    ['a page of a user’s', [['username', '=', 'ada']], { order_by: ['-id'], limit: 2 }, 2],
    ['none of a user who isn’t there', [['username', '=', 'nobody']], {}, 0],
    ['those that begin so, in order', [['name', '^', 'b']], { order_by: ['name'], limit: 50 }, 6],
    ['the first match', [['name', 'Crin', 'x']], { get: true, order_by: ['id'] }, 7],
  ])('%s', async (_, filters, options, most) => {
    const { looked } = await planned(filters, options)
    expect(looked).toBeLessThanOrEqual(most)
  })

  it('the window of ids that is asked for', async () => {
    const window = [
      ['id', '>', middle()],
      ['id', '<=', middle() + 4],
      ['name', 'Crin', 'x'],
    ]
    expect((await planned(window, {})).looked).toBe(4)
    const behind = [['id', '<', middle()]]
    expect((await planned(behind, { order_by: ['-id'], limit: 3 })).looked).toBe(3)
  })

  it('nothing, for the ids of another tenant', async () => {
    const theirs = idOf({ tenant: admin.tenant + 1, n: 1 })
    expect((await planned([['id', '>', theirs]], {})).looked).toBe(0)
    expect((await planned([['id', '=', theirs]], {})).looked).toBe(0)
  })
})

describe('the number of keys', () => {
  it('is kept, and goes with each that comes or goes', async () => {
    const { service } = rig
    const { tenant, ...user } = await newTenant(service)
    const owner = { tenant, ...user }
    expect(await service.keys.count(tenant)).toBe(0)
    const one = await addKey(service, owner)
    await addKey(service, owner)
    expect(await service.keys.count(tenant)).toBe(2)
    const peer = await startSockets(service).openAs(owner)
    expect(await peer.call('api_key.query', [], { count: true })).toBe(3)
    await peer.call('api_key.delete', one.key.id)
    expect(await peer.call('api_key.query', [], { count: true })).toBe(2)
    expect(await peer.call('api_key.query', [['id', '>', 0]], { count: true })).toBe(2)
  })

  it('is not believed where it wasn’t kept from the beginning', async () => {
    expect(await rig.service.keys.count(4711)).toBe(null)
  })
})
