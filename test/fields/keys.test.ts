/**
 * Every field of a key, by every way in and out. A new one fails to compile here until it has values, and fails a test
 * until each way takes it or shows it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KeyRef, refOf } from '../../shared/domain/key.ts'
import { VERSIONS } from '../../shared/domain/versions.ts'
import type { Answer } from '../../shared/http/answer.ts'
import { MASKED } from '../../shared/keys/entry.ts'
import { ApiKeyEntry } from '../../shared/keys/entry-schema.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { ListedKey } from '../../shared/store/key-items.ts'
import type { User } from '../../shared/store/user-items.ts'
import { isThere } from '../../tools/docs/of-version.ts'
import { watch } from '../audit/ledger.ts'
import { bearer, send } from '../http/kit.ts'
import { REAL_ROUNDS } from '../kit/costs.ts'
import { type Peer, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, START, startRig } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'
import { putItems, readItem } from '../kit/table.ts'
import { CHANGE, CREATE, RESET } from './values.ts'

const ROLES = ['READONLY_ADMIN']

type Shown = readonly [made: unknown, changed: unknown]
const always = (value: unknown): Shown => [value, value]

/** What everybody is shown of it, by the entry's members; undefined is absent. */
const ENTRY: Readonly<Record<keyof ApiKeyEntry, Shown>> = {
  id: always(expect.any(Number)),
  name: [CREATE.name, CHANGE.name],
  username: always(CREATE.username),
  user_identifier: always(expect.any(Number)),
  keyhash: always(undefined),
  iterations: always(50_000),
  salt: always(MASKED),
  stored_key: always(MASKED),
  server_key: always(MASKED),
  created_at: always(new Date(START)),
  expires_at: [CREATE.expires_at, CHANGE.expires_at],
  local: always(true),
  revoked: always(false),
  revoked_reason: always(null),
  key: always(undefined),
  client_key: always(undefined),
}

/** What only the answer shows that makes a secret. */
const ONCE = ['key', 'client_key', 'salt', 'stored_key', 'server_key'] as const

/** By which member an entry shows what is stored; null for what none does. */
const STORED: Readonly<Record<keyof ListedKey, keyof ApiKeyEntry | null>> = {
  tenant: 'id',
  n: 'id',
  id: 'id',
  name: 'name',
  username: 'username',
  uid: 'user_identifier',
  local: 'local',
  createdAt: 'created_at',
  expires: 'expires_at',
  revoked: 'revoked',
  generation: null,
  device: null,
}

/** Attributes that the items of every key have. The list doesn't grow: older keys lack what is stored besides. */
const FROM_THE_FIRST = [
  ...['pk', 'sk', 'rev', 'shard', 'expiresAt'],
  ...['n', 'name', 'username', 'uid', 'local', 'createdAt', 'expires', 'generation'],
  ...['issuedAt', 'dataKey', 'sealed', 'roles', 'locked', 'userVersion'],
]

/** What introspection says of it. */
const CLAIMS: Readonly<Record<keyof Extract<Answer, { active: true }>, Shown>> = {
  active: always(true),
  client_id: always(expect.stringMatching(/^[0-9]+$/)),
  sub: always(expect.stringMatching(/^[0-9]+$/)),
  username: always(CREATE.username),
  scope: always(ROLES.join(' ')),
  token_type: always('Bearer'),
  iat: always(START / 1000),
  exp: [secondsOf(CREATE.expires_at), secondsOf(CHANGE.expires_at)],
}

/** Which field of an audit entry shows it; null for what says how a call is made, not what a key is. */
const AUDITED: Readonly<Record<keyof typeof CREATE | keyof typeof CHANGE, string | null>> = {
  name: 'name',
  username: 'username',
  expires_at: 'expires_at',
  idempotency_key: null,
}

type Entry = Record<string, unknown> & { id: number; key: string }

let rig: Rig
let sockets: Sockets
let admin: User
let root: Peer
let listener: Peer
let caller: string
beforeAll(async () => {
  rig = await startRig({}, REAL_ROUNDS)
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
  root = await sockets.openAs(admin)
  listener = await sockets.openAs(admin)
  await listener.call('core.subscribe', 'api_key.query')
  await addUser(rig.service, admin.tenant, CREATE.username, ROLES)
  const device = await addUser(rig.service, admin.tenant, 'device', ['KEY_VALIDATE'])
  caller = (await addKey(rig.service, device)).raw.reveal()
})
afterAll(() => rig.close())

describe('a key', () => {
  let id: number
  let secret: string

  it('is shown everywhere as it was made', async () => {
    const made = await root.call<Entry>('api_key.create', CREATE)
    ;({ id, key: secret } = made)
    await expectEverywhere(0, made, 'added')
  })

  it('is shown everywhere as it was changed', async () => {
    for (const [field, value] of Object.entries(CHANGE))
      expect(value, `give ${field} another value in CHANGE than in CREATE`).not.toEqual(
        CREATE[field as keyof typeof CREATE],
      )
    await expectEverywhere(1, await root.call<Entry>('api_key.update', id, CHANGE), 'changed')
  })

  it('stays as it is in a reset', async () => {
    const answer = await root.call<Entry>('api_key.update', id, RESET)
    secret = answer.key
    await expectEverywhere(1, answer, 'changed')
  })

  it('is audited as it was made and changed', async () => {
    const create = { ...CREATE, name: 'audited', idempotency_key: null }
    const change = { ...CHANGE, name: 'audited anew' }
    let other = 0
    const made = await watch(rig.table, async () => {
      other = (await root.call<Entry>('api_key.create', create)).id
    })
    const changed = await watch(rig.table, () => root.call('api_key.update', other, change))
    const why = 'shared/domain/audit-events.ts names it, and the store says what it was and is'
    expect(
      made.entries.map(({ changes }) => changes),
      why,
    ).toEqual([audited({}, create)])
    expect(
      changed.entries.map(({ changes }) => changes),
      why,
    ).toEqual([audited(create, change)])
  })

  describe.each([
    ['made now', async () => {}],
    ['stored before its newer attributes were', (id: number) => makeOlder(refIn(id))],
  ])('%s', (age, before) => {
    it.each(Object.keys(CHANGE))('of which only %s changes stays as it is else', async (field) => {
      const named = { ...CREATE, name: `${age} ${field}`, idempotency_key: null }
      const other = await root.call<Entry>('api_key.create', named)
      await before(other.id)
      const shown = await root.call<Entry>('api_key.get_instance', other.id)
      expect(
        Object.keys(shown).sort(),
        'toFacts (shared/store/key-items.ts) has a value for what older items lack',
      ).toEqual(Object.keys(entry(0)).sort())
      const value = field === 'name' ? `${age} other` : CHANGE[field as keyof typeof CHANGE]
      const after = await root
        .call<Entry>('api_key.update', other.id, { [field]: value })
        .catch(String)
      expect(
        after,
        'shared/store/key-judged.ts has a condition that an item without the attribute meets',
      ).toEqual({ ...shown, [field]: value })
      expect(await introspected(other.key)).toHaveProperty('active', true)
    })
  })

  it('is answered as it is shown once it is revoked', async () => {
    const answer = await root.call<Entry>('api_key.revoke', id, { reason: 'lost' })
    expect(answer).toEqual({ ...entry(1), revoked: true, revoked_reason: 'lost' })
    expect(await root.call('api_key.get_instance', id)).toEqual(answer)
  })

  it('shows what is stored of it, and stores nothing that nobody reads', async () => {
    const shown = await root.call<Entry>('api_key.get_instance', id)
    const members = Object.values(STORED).filter((member) => member !== null)
    for (const member of members) expect(shown).toHaveProperty(member)
    const { pk, sk, rev, ...item } = (await readItem(rig.table, itemKey.key(refIn(id)))) ?? {}
    expect([pk, sk, rev]).not.toContain(undefined)
    const unread = Object.keys(item).filter((attribute) => !(attribute in STORED))
    expect(unread, 'toListed (shared/store/key-items.ts) reads what is stored').toEqual([])
  })

  /** Its answer, each list, what subscribers hear, and introspection. */
  const expectEverywhere = async (step: 0 | 1, answer: Entry, msg: string): Promise<void> => {
    const expected = entry(step)
    expect(without(answer), 'the answer').toEqual(without(expected))
    expect(await root.call('api_key.get_instance', id), 'get_instance').toEqual(expected)
    expect(await root.call('api_key.query', [['id', '=', id]]), 'query').toEqual([expected])
    expect(await heard(msg), 'what subscribers hear').toEqual(expected)
    expect(await introspected(secret), 'introspection').toEqual(at(CLAIMS, step))
  }

  const introspected = async (token: string): Promise<unknown> => {
    const asked = { form: { token }, headers: bearer(caller) }
    return (await send(rig.service, '/oauth2/introspect', asked)).body
  }

  /** Leaves of a key's items what the first release wrote. */
  const makeOlder = async (ref: KeyRef): Promise<void> => {
    for (const at of [itemKey.key(ref), itemKey.check(ref)]) {
      const item = (await readItem(rig.table, at)) ?? expect.fail('there is no such item')
      const kept = Object.entries(item).filter(([name]) => FROM_THE_FIRST.includes(name))
      await putItems(rig.table, [Object.fromEntries(kept)])
    }
  }

  /** The fields of an event, as the stream's record of the listed item leads to it. */
  const heard = async (msg: string): Promise<unknown> => {
    const key = itemKey.key(refIn(id))
    const item = await readItem(rig.table, key)
    await streamed(sockets.service, { key, before: msg === 'added' ? null : item, after: item })
    const { connection, frame } = sockets.pushed.at(-1) ?? expect.fail('nobody was told')
    expect(connection).toBe(listener.id)
    expect(frame).toMatchObject({ params: { msg, collection: 'api_key.query', id } })
    return (frame.params as { fields: unknown }).fields
  }
})

describe.each(VERSIONS)('an entry of %s', (version) => {
  it('has the members that its schema says', async () => {
    const peer = await sockets.openAs(admin, { version })
    const [shown = {}] = await peer.call<object[]>('api_key.my_keys')
    const members = Object.entries(ApiKeyEntry.shape)
      .filter(([member, schema]) => isThere(schema.meta(), version) && !isNeverListed(member))
      .map(([member]) => member)
    const why = 'shared/keys/entry.ts shows it, or entry-schema.ts says since or until when'
    expect(Object.keys(shown).sort(), why).toEqual(members.sort())
  })
})

// ---------------------------------------------------------------------------------------------

function secondsOf(date: Date | null | undefined): number {
  return (date?.getTime() ?? Number.NaN) / 1000
}

const at = (table: Readonly<Record<string, Shown>>, step: 0 | 1): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(table).flatMap(([name, shown]) =>
      shown[step] === undefined ? [] : [[name, shown[step]]],
    ),
  )

const entry = (step: 0 | 1): Record<string, unknown> => at(ENTRY, step)

/** What an entry says of fields that were these, and are those. */
const audited = (before: Partial<typeof CREATE>, after: Partial<typeof CREATE>) => {
  const said = (value: unknown) => (value instanceof Date ? value.getTime() : value)
  return Object.fromEntries(
    (Object.keys(after) as (keyof typeof AUDITED)[]).flatMap((field) => {
      const shown = AUDITED[field]
      const from = field in before ? { from: said(before[field]) } : {}
      return shown === null ? [] : [[shown, { ...from, to: said(after[field]) }]]
    }),
  )
}

const isNeverListed = (member: string): boolean => member === 'key' || member === 'client_key'

const without = (shown: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(shown).filter(([name]) => !ONCE.some((one) => one === name)))

const refIn = (id: number) => refOf(id) ?? expect.fail(`${id} is no id`)
