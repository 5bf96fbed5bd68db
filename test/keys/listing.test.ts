/** `api_key.query` reads less than all, and answers as if it had read all. */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fault } from '../../shared/fault.ts'
import { apiKeyEntry } from '../../shared/keys/entry.ts'
import { revokeKey } from '../../shared/keys/issue.ts'
import { listKeys } from '../../shared/keys/listing.ts'
import { carryToKeys } from '../../shared/keys/owner.ts'
import { QueryFilters } from '../../shared/rpc/query/filters.ts'
import { QueryOptions } from '../../shared/rpc/query/options.ts'
import { runQuery } from '../../shared/rpc/query/query.ts'
import type { Version } from '../../shared/rpc/versions.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import type { User } from '../../shared/store/users.ts'
import { addKey, addUser, newTenant, type Rig, START, startRig } from '../kit/service.ts'

let rig: Rig
let service: Service
let admin: User
/** The second of three: ids of those on either side must not be read. */
const tenant = 2
const base = tenant * 1e9

/** In the order of code points, which isn't that of UTF-16: the last two. */
const NAMES = [
  'Alpha',
  'a',
  'alpha',
  'alpha 2',
  'b',
  'beta#1',
  'ß',
  'é',
  '日本',
  '\uffee',
  '😀',
  '😀z',
]

beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  await addKey(service, await newTenant(service))
  admin = await newTenant(service)
  expect(admin.tenant).toBe(tenant)
  await addKey(service, await newTenant(service))
  const ada = await addUser(service, tenant, 'ada', ['API_KEY_READ'])
  const gone = await addUser(service, tenant, 'bob', ['API_KEY_READ'])
  for (const [at, name] of NAMES.entries()) {
    // Moments that a whole second has several of.
    rig.clock.now = START + 137 * at
    const owner = [admin, ada, gone][at % 3] ?? admin
    const expires = at % 4 === 0 ? null : START + 1e6 + 400 * at
    await addKey(service, owner, { name, expires })
  }
  await remove(gone)
  const again = await addUser(service, tenant, 'bob', ['API_KEY_READ'])
  await addKey(service, again, { name: 'bob again' })
  const ref = { tenant, n: 2 }
  await revokeKey(service, { ref, actor: SERVICE, allow: () => {}, cause: 'asked' })
})
afterAll(() => rig.close())

const remove = async (user: User): Promise<void> => {
  const how = { event: 'user.delete', at: service.now(), actor: SERVICE }
  const after = await service.users.change(user, { deleted: true }, how)
  if ('lost' in after) throw new Error('the user was not deleted')
  await carryToKeys(service, after)
}

/** A key that nobody can check. */
const addListed = ({ tenant, username, uid, ...user }: User, n: number): Promise<unknown> => {
  const secret = { generation: 1, issuedAt: START, dataKey: 1, sealed: new Uint8Array(1) }
  const rest = { local: true, createdAt: START, expires: null, generation: 1, secret }
  const id = tenant * 1e9 + n
  const owner = { ...user, username, uid }
  return service.keys.add({ ...rest, tenant, n, id, name: `n${n}`, username, uid }, owner, SERVICE)
}

type Outcome = { readonly answer: unknown } | { readonly error: string }

const outcome = async (run: () => unknown): Promise<Outcome> => {
  try {
    return { answer: await run() }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { error: error.code }
  }
}

const read = (filters: unknown[], options: object) => ({
  filters: QueryFilters.parse(filters),
  options: QueryOptions.parse(options),
})

const planned = (
  filters: unknown[],
  options: object,
  version: Version = 'v26.0.0',
  deps = service,
) => outcome(() => listKeys(deps, { tenant, version, ...read(filters, options) }))

const overAll = (filters: unknown[], options: object, version: Version = 'v26.0.0') =>
  outcome(async () => {
    const rows = []
    for await (const key of service.keys.all(tenant)) rows.push(apiKeyEntry(key, version))
    const asked = read(filters, options)
    return runQuery(rows, asked.filters, asked.options)
  })

const number = fc.oneof(
  fc.integer({ min: -2, max: NAMES.length + 3 }).map((n) => base + n),
  fc.constantFrom(0, -1, 1, true, false, base - 0.5, base + 3.5, 1e9, 2 ** 53, 1e300, -1e300),
  fc.constantFrom(base - 1e9 + 1, base + 1e9, base + 1e9 + 1),
)
const text = fc.constantFrom(
  ...NAMES,
  '',
  'al',
  'zz',
  'x'.repeat(300),
  '\ud83d',
  '\u{10ffff}',
  'bob again',
)
const username = fc.constantFrom('admin', 'ada', 'bob', 'nobody', '', 'not a name', null)
const moment = fc.integer({ min: 0, max: 8 }).map((s) => new Date(START + 1e6 + 1000 * s))
const odd = fc.constantFrom(null, 1.5, 'text', [], [null], {}, true)
const valuesOf: Record<string, fc.Arbitrary<unknown>> = {
  id: number,
  name: text,
  username,
  expires_at: moment,
  created_at: moment,
  revoked: fc.boolean(),
  'id.x': number,
  nothing: text,
}
const COMPARE = ['=', '!=', '>', '>=', '<', '<='] as const
const TEXT = ['^', '$', '!^', '~', 'C=', 'C^', 'Crin', 'rin', 'C<'] as const
const field = fc.constantFrom(...Object.keys(valuesOf)).chain((name) => {
  const value = fc.oneof(
    { weight: 8, arbitrary: valuesOf[name] ?? odd },
    { weight: 1, arbitrary: odd },
  )
  const list = fc.array(value, { maxLength: 4 })
  return fc.oneof(
    fc.tuple(fc.constant(name), fc.constantFrom(...COMPARE), value),
    fc.tuple(fc.constant(name), fc.constantFrom(...TEXT), value),
    fc.tuple(fc.constant(name), fc.constantFrom('in', 'nin', 'Cin'), list),
  )
})
const condition = fc.oneof(
  { weight: 5, arbitrary: field },
  {
    weight: 1,
    arbitrary: fc.array(field, { minLength: 1, maxLength: 2 }).map((any) => ['OR', any]),
  },
)
const filters = fc
  .array(condition, { maxLength: 3 })
  .filter((list) => QueryFilters.safeParse(list).success)
const options = fc
  .record(
    {
      order_by: fc.oneof(
        fc.constantFrom<string[]>([], ['id'], ['-id'], ['name'], ['-name'], ['nulls_last:-id']),
        fc.constantFrom(['nulls_first:expires_at'], ['expires_at'], ['name', '-id'], ['revoked']),
      ),
      select: fc.constantFrom<unknown[]>(
        [],
        ['id'],
        ['name'],
        ['id', 'name'],
        [['name', 'id']],
        [['id', 'x'], 'name'],
        ['id.x'],
      ),
      limit: fc.constantFrom(0, 1, 2, 3, 5, 100),
      offset: fc.constantFrom(0, 0, 1, 2, 50),
      count: fc.constantFrom(false, false, true),
      get: fc.constantFrom(false, false, true),
    },
    { requiredKeys: [] },
  )
  .filter((given) => QueryOptions.safeParse(given).success)

describe('a query', () => {
  it('answers as over all rows, or where a row that is not needed would be an error', async () => {
    const versions = fc.constantFrom<Version>('v25.04.0', 'v26.0.0')
    await fc.assert(
      fc.asyncProperty(filters, options, versions, async (filters, options, version) => {
        const all = await overAll(filters, options, version)
        const found = await planned(filters, options, version)
        if (!('error' in all) || all.error !== 'NOT_COMPARABLE') expect(found).toEqual(all)
      }),
      { numRuns: 1000 },
    )
  }, 60_000)

  it('fails as over all rows where it sorts by what is not selected', async () => {
    for (const order_by of [['id'], ['-id'], ['name'], ['-name']])
      for (const select of [['revoked'], [['id', 'other']], [['name', 'other']]]) {
        const asked = { order_by, select, limit: 2 }
        expect(await planned([], asked)).toEqual({ error: 'NOT_COMPARABLE' })
      }
  })

  it('shows times in whole seconds, and filters and sorts by those', async () => {
    const last = new Date(START + 1e6 + 1000)
    const asked = [['expires_at', '!=', null]]
    const { answer } = (await planned(asked, { order_by: ['expires_at'] })) as {
      answer: { expires_at: Date }[]
    }
    expect(answer.every(({ expires_at }) => expires_at.getTime() % 1000 === 0)).toBe(true)
    const upTo = answer.filter(({ expires_at }) => expires_at <= last)
    const after = await planned([...asked, ['expires_at', '>', last]], { order_by: ['expires_at'] })
    expect(after).toEqual({ answer: answer.slice(upTo.length) })
  })
})

describe('what is read', () => {
  /** Keys that a query read from the table, and names. */
  const counted = async (filters: unknown[], options: object) => {
    const counts = { keys: 0, names: 0 }
    const counting = <A extends unknown[], I>(
      what: 'keys' | 'names',
      pages: (...args: A) => AsyncGenerator<I[]>,
    ) =>
      async function* (...args: A): AsyncGenerator<I[]> {
        for await (const page of pages(...args)) {
          counts[what] += page.length
          yield page
        }
      }
    const { keys } = service
    const deps = {
      ...service,
      keys: {
        ...keys,
        inRange: counting('keys', keys.inRange),
        inParts: counting('keys', keys.inParts),
        named: counting('names', keys.named),
        byNumbers: async (...args: Parameters<typeof keys.byNumbers>) => {
          const found = await keys.byNumbers(...args)
          counts.keys += found.length
          return found
        },
      },
    }
    expect(await planned(filters, options, 'v26.0.0', deps)).toEqual(
      await overAll(filters, options),
    )
    return counts
  }
  const crin = [
    'OR',
    [
      ['name', 'Crin', 'zz'],
      ['username', 'Crin', 'zz'],
    ],
  ]

  it.each<[string, () => unknown[], object, { keys: number; names: number }]>([
    ['a first page', () => [], { limit: 3 }, { keys: 3, names: 0 }],
    ['a last page', () => [], { order_by: ['-id'], limit: 3 }, { keys: 3, names: 0 }],
    ['a second page', () => [], { limit: 3, offset: 3 }, { keys: 6, names: 0 }],
    [
      'the next page',
      () => [['id', '<', base + 9]],
      { order_by: ['-id'], limit: 3 },
      { keys: 3, names: 0 },
    ],
    [
      'a window',
      () => [['id', '>', base + 2], ['id', '<=', base + 6], crin],
      { order_by: ['-id'], limit: 51 },
      { keys: 4, names: 0 },
    ],
    ['ids of others', () => [['id', '>', base + 1e9]], {}, { keys: 0, names: 0 }],
    ['some ids', () => [['id', 'in', [base + 1, base + 2, 5]]], {}, { keys: 2, names: 0 }],
    ['the first of the names', () => [], { order_by: ['name'], limit: 2 }, { keys: 2, names: 2 }],
    ['the last of the names', () => [], { order_by: ['-name'], limit: 2 }, { keys: 2, names: 2 }],
    [
      'names from one on',
      () => [['name', '>=', '日']],
      { order_by: ['name'], limit: 10 },
      { keys: 4, names: 4 },
    ],
    [
      'names that begin so',
      () => [['name', '^', 'alpha']],
      { order_by: ['name'], limit: 10 },
      { keys: 2, names: 2 },
    ],
    ['one name', () => [['name', '=', 'beta#1']], {}, { keys: 1, names: 0 }],
    ['one user', () => [['username', '=', 'ada']], {}, { keys: 4, names: 0 }],
    [
      'the newest of one user',
      () => [['username', '=', 'ada']],
      { order_by: ['-id'], limit: 2 },
      { keys: 2, names: 0 },
    ],
    [
      'one user from an id on',
      () => [
        ['username', '=', 'ada'],
        ['id', '>', base + 5],
      ],
      {},
      { keys: 2, names: 0 },
    ],
    [
      'one that came after another of his name',
      () => [['username', '=', 'bob']],
      {},
      { keys: 1, names: 0 },
    ],
    ['nobody', () => [['username', '=', 'nobody']], {}, { keys: 0, names: 0 }],
    ['the first match', () => [['revoked', '=', false]], { get: true }, { keys: 1, names: 0 }],
    ['the number of all', () => [], { count: true }, { keys: 0, names: 0 }],
  ])('of %s is no more than that', async (_, filters, options, counts) => {
    expect(await counted(filters(), options)).toEqual(counts)
  })

  it('is all of it once looking names up has cost too much', async () => {
    const owner = await newTenant(service)
    for (let n = 1; n <= 120; n++) await addListed(owner, n)
    const asked = { tenant: owner.tenant, version: 'v26.0.0' as const }
    const lists: number[] = []
    const { keys } = service
    const deps = {
      ...service,
      keys: {
        ...keys,
        inRange: (...args: Parameters<typeof keys.inRange>) => {
          lists.push(args[0])
          return keys.inRange(...args)
        },
      },
    }
    const never = read([['revoked', '=', true]], { order_by: ['name'], limit: 2 })
    expect(await listKeys(deps, { ...asked, ...never })).toEqual([])
    expect(lists).toEqual([owner.tenant])
  })
})

describe('the number of keys', () => {
  const count = (of: number) =>
    listKeys(service, { tenant: of, version: 'v26.0.0', ...read([], { count: true }) })

  it('is kept through making and deleting', async () => {
    const owner = await newTenant(service)
    expect(await count(owner.tenant)).toBe(0)
    const { key } = await addKey(service, owner)
    await addKey(service, owner)
    expect(await service.tenants.keyCount(owner.tenant)).toBe(2)
    const [checked] = await service.keys.forCheck([key])
    if (!checked) throw new Error('the key is not there')
    await service.keys.remove(checked, { at: service.now(), actor: SERVICE })
    await service.keys.remove(checked, { at: service.now(), actor: SERVICE })
    expect(await count(owner.tenant)).toBe(1)
  })

  it('is counted in a tenant that is older than the counting', async () => {
    const owner = await newTenant(service)
    await addKey(service, owner)
    await new DynamoDBClient({}).send(
      new UpdateItemCommand({
        TableName: rig.table,
        Key: marshall({ pk: `T#${owner.tenant}`, sk: 'META' }),
        UpdateExpression: 'REMOVE counted, keyCount',
      }),
    )
    await addKey(service, owner)
    expect(await service.tenants.keyCount(owner.tenant)).toBeNull()
    expect(await count(owner.tenant)).toBe(2)
  })
})
