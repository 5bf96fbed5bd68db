/** A tenant with more keys than one call looks at: what the table has an index of stays exact and cheap, all else has an end. */
import { BatchGetItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { idOf } from '../../shared/domain/key.ts'
import { MOST_ROWS } from '../../shared/domain/query/bound.ts'
import { LONG } from '../../shared/store/db.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addUserWithKeys, FIRST } from '../kit/many-keys.ts'
import { type Peer, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'

const MANY = 12_000

let rig: Rig
let admin: User
let fleet: User
let peer: Peer
beforeAll(async () => {
  rig = await startRig()
  admin = await newTenant(rig.service)
  await addKey(rig.service, admin, { name: 'mine' })
  fleet = await addUserWithKeys(rig, admin, 'fleet', MANY)
  peer = await startSockets(rig.service).openAs(admin)
})
afterAll(() => rig.close())

type Row = { readonly id: number; readonly name: string }

/** The lists that a call reads, page by page, and how many items it reads singly. */
const readsOf = async (call: () => Promise<unknown>) => {
  const send = vi.spyOn(DynamoDBClient.prototype, 'send')
  try {
    await call()
    const commands = send.mock.calls.map(([command]) => command as object)
    const pages = commands.flatMap((command) =>
      command instanceof QueryCommand ? [command.input] : [],
    )
    const single = commands.flatMap((command) =>
      command instanceof BatchGetItemCommand
        ? Object.values(command.input.RequestItems ?? {}).flatMap(({ Keys = [] }) => Keys)
        : [],
    )
    return { pages, single: single.length }
  } finally {
    send.mockRestore()
  }
}
const query = (...params: unknown[]): Promise<Row[]> => peer.call('api_key.query', ...params)
const idAt = (at: number): number => idOf({ tenant: admin.tenant, n: FIRST * fleet.uid + at })

const TOO_WIDE = `[EINVAL] The query would look at more than 10,000 keys, and one call looks at no more. Ask for those of an \`id\`, \`name\` or \`username\` (=), or for a page in the order of \`id\` or \`name\` with a \`limit\`; or go through all of them by ranges of \`id\`, such as [["id", ">", 1000005000], ["id", "<=", 1000010000]].`

describe('what no index finds', () => {
  const noMatch = ['name', 'Crin', 'nowhere']
  it.each<[string, unknown[], object]>([
    ['a search', [noMatch], {}],
    ['a search with a limit', [noMatch], { limit: 5 }],
    ['all of them', [], {}],
    ['a count under a filter', [['revoked', '=', true]], { count: true }],
    ['an order that the table lacks', [], { order_by: ['created_at'], limit: 5 }],
    ['a page far behind', [], { offset: MOST_ROWS, limit: 5 }],
    ['a search among the keys of who has many', [['username', '=', 'fleet'], noMatch], {}],
  ])('%s is refused, with what to ask instead', async (_, filters, options) => {
    await expect(query(filters, options)).rejects.toThrow(TOO_WIDE)
  })

  it('is read no further, and beyond the first keys at half the price', async () => {
    const { pages } = await readsOf(() => query([noMatch]).catch(() => null))
    const [first, ...others] = pages.map(({ ConsistentRead }) => ConsistentRead)
    expect(first).toBe(true)
    expect(new Set(others)).toEqual(new Set([false]))
    const read = pages.reduce((sum, { Limit = Number.POSITIVE_INFINITY }) => sum + Limit, 0)
    expect(read).toBeLessThanOrEqual(MOST_ROWS + Number(LONG.most))
  })

  it('is found by ranges of ids', async () => {
    const all: Row[] = []
    for (let from = -1; from < MANY; from += 400)
      all.push(
        ...(await query([
          ['id', '>', idAt(from)],
          ['id', '<=', idAt(from + 400)],
          ['revoked', '=', false],
        ])),
      )
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: MANY }, (_, at) => idAt(at)))
  })

  it('is found where it comes before the bound', async () => {
    const filters = [['name', 'rin', `k${FIRST * fleet.uid + 9990}`]]
    expect(await query(filters, { limit: 1 })).toMatchObject([{ id: idAt(9990) }])
  })
})

describe('what an index finds', () => {
  const newest = (): Promise<Row[]> => query([], { order_by: ['-id'], limit: 50 })
  it.each<[string, () => Promise<Row[]>, number]>([
    ['an id', () => query([['id', '=', idAt(11_999)]]), 1],
    ['a name', () => query([['name', '=', 'mine']]), 1],
    ['an owner of few', () => query([['username', '=', 'admin']]), 2],
    ['the newest', newest, 50],
    ['the first by name', () => query([], { order_by: ['name'], limit: 50 }), 50],
    [
      'the newest of an owner of many',
      () => query([['username', '=', 'fleet']], { order_by: ['-id'], limit: 50 }),
      50,
    ],
  ])('%s costs what it is, all of it as it is now', async (_, ask, rows) => {
    let found: Row[] = []
    const { pages, single } = await readsOf(async () => {
      found = await ask()
    })
    expect(found).toHaveLength(rows)
    expect(pages.every(({ ConsistentRead }) => ConsistentRead === true)).toBe(true)
    // The session's own items, a user, and each key once or twice: by its reference and itself.
    expect(single).toBeLessThanOrEqual(5 + 2 * rows)
    for (const { Limit } of pages) expect(Limit).toBeLessThanOrEqual(1001)
  })

  it('has a key at once that was made just now, and not one that was deleted', async () => {
    const made = await addKey(rig.service, admin, { name: 'zz just now' })
    const ids = async () => [
      ...(await query([['id', '=', made.key.id]])),
      ...(await query([['name', '=', 'zz just now']])),
      ...(await query([
        ['username', '=', 'admin'],
        ['name', '^', 'zz'],
      ])),
      ...(await query([], { order_by: ['-name'], limit: 1 })),
    ]
    expect((await ids()).map(({ id }) => id)).toEqual(Array(4).fill(made.key.id))
    expect(await query([], { count: true } as object)).toBe(MANY + 3)
    await peer.call('api_key.delete', made.key.id)
    expect((await ids()).filter(({ id }) => id === made.key.id)).toEqual([])
  })
})

it('one’s own keys are a list, too, that no answer could carry', async () => {
  const theirs = await startSockets(rig.service).openAs(fleet)
  await expect(theirs.call('api_key.my_keys')).rejects.toThrow(
    '[EINVAL] The query would look at more than 1,000 keys, and one call looks at no more. Ask `api_key.query` with the filter `username`, in the order of `id` with a `limit`.',
  )
})

describe('users', () => {
  const users = (...params: unknown[]) => peer.call<object[]>('user.query', ...params)
  it('with the keys of all are refused, and found without them', async () => {
    await expect(users()).rejects.toThrow(
      '[EINVAL] The query would look at more than 10,000 keys of users, and one call looks at no more. Ask for one user, or leave `api_keys` and `planted` out by `select`.',
    )
    expect(await users([], { select: ['username'] })).toEqual([
      { username: 'admin' },
      { username: 'fleet' },
    ])
  })

  it('of whom one matches are shown with the keys of that one, and no others are read', async () => {
    let found: object[] = []
    const { pages } = await readsOf(async () => {
      found = await users([['id', '=', admin.uid]])
    })
    expect(found).toMatchObject([{ username: 'admin', api_keys: expect.anything() }])
    const prefixes = pages.map(({ ExpressionAttributeValues: values }) => values?.[':prefix']?.S)
    expect(prefixes.filter((prefix) => prefix?.startsWith('OWN#'))).not.toContain('OWN#')
  })
})

describe('a tenant with fewer', () => {
  it('sees its own changes at once, whatever it asks', async () => {
    const small = await newTenant(rig.service)
    const theirs = await startSockets(rig.service).openAs(small)
    const { key } = await addKey(rig.service, small, { name: 'new' })
    const { pages } = await readsOf(async () => {
      const rows = await theirs.call<Row[]>('api_key.query', [['name', 'Crin', 'NEW']])
      expect(rows.map(({ id }) => id)).toEqual([key.id])
    })
    expect(pages.map(({ ConsistentRead }) => ConsistentRead)).toEqual([true])
  })
})
