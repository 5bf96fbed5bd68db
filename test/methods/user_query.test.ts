/** `user.query` reads no keys that it doesn't look at, and answers as if it had. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { runQuery } from '../../shared/domain/query/query.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'

let rig: Rig
let sockets: Sockets
let admin: User
let reads: string[]
beforeAll(async () => {
  rig = await startRig()
  const { keys, users } = rig.service
  const noting = <F extends (...args: never[]) => unknown>(name: string, run: F): F =>
    ((...args) => {
      reads.push(name)
      return run(...args)
    }) as F
  sockets = startSockets({
    ...rig.service,
    keys: {
      ...keys,
      owners: noting('keys of all', keys.owners),
      owned: noting('keys of one', keys.owned),
    },
    users: {
      ...users,
      all: noting('all users', users.all),
      named: noting('users by name', users.named),
    },
  })
  reads = []
  admin = await newTenant(rig.service)
  for (const name of ['eve', 'ada', 'Bob', 'dan']) {
    const user = await addUser(rig.service, admin.tenant, name, ['API_KEY_READ'])
    for (let i = 0; i < name.charCodeAt(0) % 3; i++) await addKey(rig.service, user)
  }
})
afterAll(() => rig.close())

describe('user.query', () => {
  const keys = ['all users', 'keys of all']
  it.each<[unknown[], object, string[]]>([
    [[], {}, keys],
    [[], { select: ['id', 'username'] }, ['all users']],
    [[], { select: ['username', 'api_keys'] }, keys],
    [[], { select: ['username', ['api_keys', 'keys']] }, keys],
    [[], { select: [['', 'row']] }, keys],
    [[], { count: true }, ['all users']],
    // The first match is all that is shown, and whose keys are read.
    [[['locked', '=', false]], { count: true, get: true }, ['all users', 'keys of one']],
    [[['full_name', '=', 'nobody’s']], {}, ['all users']],
    [[], { order_by: ['username'], limit: 1 }, ['all users', 'keys of one']],
    [[['roles', 'rin', 'FULL_ADMIN']], {}, ['all users', 'keys of one']],
    [[['api_keys', '!=', []]], { select: ['id'] }, keys],
    [
      [
        [
          'OR',
          [
            ['api_keys.0', '!=', null],
            ['username', '=', 'eve'],
          ],
        ],
      ],
      { select: ['id'] },
      keys,
    ],
    [[], { select: ['id', 'api_keys'], order_by: ['api_keys'] }, keys],
    [[['username', '=', 'ada']], {}, ['users by name', 'keys of one']],
    [[['username', '=', 'ada']], { select: ['id'] }, ['users by name']],
    [
      [['username', 'in', ['eve', 'nobody', 'ada', 1, 'no name']]],
      { select: ['id'] },
      ['users by name'],
    ],
    [[['username', 'in', ['eve', 'Bob', 'ada']]], {}, ['users by name', 'keys of all']],
    [[['username', '=', 'nobody']], {}, ['users by name']],
    [[['username', '=', 5]], {}, ['users by name']],
    [[['username', '^', 'a']], { select: ['id'] }, ['all users']],
  ])('%j with %j reads what it needs', async (filters, options, needed) => {
    const peer = await sockets.openAs(admin)
    const rows = runQuery(
      await peer.call<object[]>('user.query'),
      QueryFilters.parse(filters),
      QueryOptions.parse(options),
    )
    reads = []
    const found = await peer.call('user.query', filters, options)
    expect(JSON.stringify(found)).toBe(JSON.stringify(rows))
    expect(reads).toEqual(needed)
    await peer.disconnect()
  })
})
