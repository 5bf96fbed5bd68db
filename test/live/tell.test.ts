/** What subscribers are told of a batch of changes, and until when. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { revokeKey } from '../../shared/keys/revoke.ts'
import type { Change } from '../../shared/live/rounds.ts'
import { tellSubscribers } from '../../shared/live/tell.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { later, turns } from '../kit/later.ts'
import { type Peer, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'

let rig: Rig
let sockets: Sockets
let admin: User
let base: object
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
})
beforeEach(async () => {
  admin = await newTenant(rig.service)
  base = (await addKey(rig.service, admin)).key
})
afterAll(() => rig.close())

const loggedIn = async (raw: { reveal(): string }): Promise<Peer> => {
  const peer = await sockets.open()
  expect(await peer.call('auth.login_with_api_key', raw.reveal())).toBe(true)
  return peer
}
/** Subscribers with a key of their own each. */
const subscribers = async (n: number) => {
  const all = await Promise.all(
    Array.from({ length: n }, async () => {
      const { key, raw } = await addKey(rig.service, admin)
      const peer = await loggedIn(raw)
      await peer.call('core.subscribe', 'api_key.query')
      return { key, peer }
    }),
  )
  sockets.pushed.length = 0
  return all
}
/** Changes of keys, each named by a letter: their names say which change it was. */
const rows = (names: string): Change[] =>
  [...names].map((letter, at) => {
    const n = 500 + letter.charCodeAt(0)
    const item = (name: string) => ({ ...base, n, name })
    return {
      key: itemKey.key({ tenant: admin.tenant, n }),
      before: item(`${letter} ${at}`),
      after: item(`${letter} ${at + 1}`),
    }
  })
const tell = (changes: readonly Change[], service: Service = sockets.service) =>
  tellSubscribers(service, changes, () => 60_000)
/** What a subscriber heard, as `msg name`. */
const heardBy = ({ id }: Peer): string[] =>
  sockets.pushed
    .filter(({ connection }) => connection === id)
    .map(({ frame }) => {
      const { msg, fields } = frame.params as { msg: string; fields?: { name: string } }
      return `${msg} ${fields?.name ?? ''}`.trim()
    })
const withSend = (send: Service['push']['send']): Service => ({
  ...sockets.service,
  push: { ...sockets.service.push, send },
})
const allOf = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
/** Counts the requests by which subscribers are judged. */
const countingReads = (service: Service) => {
  const counted = { reads: 0, lists: 0 }
  const { connections } = service
  const counting: Service = {
    ...service,
    connections: {
      ...connections,
      allWithHeld: (all) => {
        counted.reads++
        return connections.allWithHeld(all)
      },
      subscribers: (...of) => {
        counted.lists++
        return connections.subscribers(...of)
      },
    },
  }
  return { counted, counting }
}

describe('changes of one key in a batch are told as one', () => {
  it.each<[string, (all: Change[]) => Change[], string]>([
    ['by its last state', (all) => all, 'changed a 3'],
    [
      'as added, of a new one',
      ([one, ...rest]) => [{ ...(one as Change), before: null }, ...rest],
      'added a 3',
    ],
    [
      'as removed, of one that is gone',
      (all) => [...all.slice(0, -1), { ...(all.at(-1) as Change), after: null }],
      'removed',
    ],
    [
      // Who listed keys in between has it, and so has who was told before this came again.
      'as removed, of one that came and went',
      ([one, ...rest]) => [
        { ...(one as Change), before: null },
        ...rest.slice(0, -1),
        { ...(rest.at(-1) as Change), after: null },
      ],
      'removed',
    ],
  ])('%s', async (_, make, told) => {
    const [one] = await subscribers(1)
    expect(await tell(make(rows('aaa')))).toBeNull()
    expect(heardBy((one as { peer: Peer }).peer)).toEqual([told])
  })

  it('and those of others keep their places', async () => {
    const [one] = await subscribers(1)
    await tell(rows('abac'))
    expect(heardBy((one as { peer: Peer }).peer)).toEqual([
      'changed a 3',
      'changed b 2',
      'changed c 4',
    ])
  })
})

describe('who may hear', () => {
  it('is judged for many subscribers and changes at once', async () => {
    const all = await subscribers(30)
    const { counted, counting } = countingReads(sockets.service)
    await tell(rows('abcdefgh'), counting)
    for (const { peer } of all) expect(heardBy(peer)).toHaveLength(8)
    expect(counted).toEqual({ reads: 2, lists: 1 })
  })

  it('is judged anew after a second: a session that ended meanwhile hears no more', async () => {
    const [ending, staying] = await subscribers(2)
    const { peer, key } = ending as Awaited<ReturnType<typeof subscribers>>[number]
    const { push } = sockets.service
    const slow = withSend(async (connection, text) => {
      const sent = await push.send(connection, text)
      if (connection === peer.id && heardBy(peer).length === 3) {
        await revokeKey(rig.service, { actor: SERVICE, ref: key, cause: 'asked' })
        rig.clock.now += 1000
      }
      return sent
    })
    await tell(rows('abcdefgh'), slow)
    expect(heardBy(peer)).toEqual(['changed a 1', 'changed b 2', 'changed c 3'])
    expect(heardBy((staying as { peer: Peer }).peer)).toHaveLength(8)
  })

  it('goes on where each judgement takes longer than it serves', async () => {
    const [one] = await subscribers(1)
    const { connections } = sockets.service
    const late: Service = {
      ...sockets.service,
      connections: {
        ...connections,
        allWithHeld: async (all) => {
          rig.clock.now += 3000
          return connections.allWithHeld(all)
        },
      },
    }
    await tell(rows('abc'), late)
    expect(heardBy((one as { peer: Peer }).peer)).toHaveLength(3)
  })

  it('where it can’t be read, the changes come again', async () => {
    await subscribers(1)
    const { connections } = sockets.service
    const broken: Service = {
      ...sockets.service,
      connections: { ...connections, allWithHeld: () => Promise.reject(new Error('no table')) },
    }
    await expect(tell(rows('ab'), broken)).rejects.toThrow('no table')
    expect(sockets.pushed).toEqual([])
  })
})

it('very many slow subscribers of one tenant hold up no other’s', async () => {
  const of = async (letter: string) => {
    const [one] = await subscribers(1)
    const [listed] = await allOf(connections.subscribers(admin.tenant, 'api_key.query'))
    if (one === undefined || listed === undefined) throw new Error('nobody is subscribed')
    const [held] = await connections.allWithHeld([listed])
    return { ...one, tenant: admin.tenant, listed, held: held as never, changes: rows(letter) }
  }
  const { connections, push } = sockets.service
  const slow = await of('a')
  admin = await newTenant(rig.service)
  const other = await of('b')
  const begun = later()
  const answer = later<'sent'>()
  let pushed = 0
  // All but pushes is at hand, so turns of the event loop are enough.
  const telling = tell([...slow.changes, ...other.changes], {
    ...sockets.service,
    push: {
      ...push,
      send: (connection, text) => {
        if (connection === other.peer.id) return push.send(connection, text)
        pushed++
        begun.come()
        return answer.coming
      },
    },
    connections: {
      ...connections,
      // The other tenant's list comes when the slow ones have what they get.
      async *subscribers(tenant) {
        if (tenant === other.tenant) await begun.coming
        if (tenant === other.tenant) yield other.listed
        else for (let n = 0; n < 200; n++) yield { ...slow.listed, connection: `slow ${n}` }
      },
      allWithHeld: async (all) =>
        all.map(({ session }) => (session.tenant === other.tenant ? other.held : slow.held)),
    },
  })
  await turns()
  const heard = heardBy(other.peer)
  const atOnce = pushed
  answer.come('sent')
  expect(await telling).toBeNull()
  expect({ heard, atOnce, pushed }).toEqual({ heard: ['changed b 1'], atOnce: 24, pushed: 200 })
})

describe('a subscriber', () => {
  it('that is gone loses its subscription', async () => {
    const tenant = admin
    const { raw } = await addKey(rig.service, tenant)
    const [gone, there] = [await loggedIn(raw), await loggedIn(raw)]
    for (const peer of [gone, there]) await peer.call('core.subscribe', 'api_key.query')
    sockets.closed.set(gone.id, { code: 1006, reason: '' })
    const { key } = await addKey(rig.service, tenant)
    const after = { ...key, sk: 'KEY' }
    await tell([{ key: itemKey.key(key), before: null, after }])
    const left = []
    for await (const { connection } of rig.service.connections.subscribers(
      tenant.tenant,
      'api_key.query',
    ))
      left.push(connection)
    expect(left).toEqual([there.id])
    expect(sockets.pushed.at(-1)).toMatchObject({
      frame: { method: 'collection_update', params: { msg: 'added', id: key.id } },
    })
  })

  it('that doesn’t keep up is closed, hears no more, and the others do', async () => {
    const tenant = admin
    const { raw } = await addKey(rig.service, tenant)
    const [slow, there] = [await loggedIn(raw), await loggedIn(raw)]
    for (const peer of [slow, there]) await peer.call('core.subscribe', 'api_key.query')
    const { push } = sockets.service
    const send: typeof push.send = async (connection, text) =>
      connection === slow.id ? 'full' : push.send(connection, text)
    const { key } = await addKey(rig.service, tenant)
    const change = { key: itemKey.key(key), before: null, after: { ...key, sk: 'KEY' } }
    await tell([change, ...rows('ab')], withSend(send))
    expect(sockets.closed.get(slow.id)).toMatchObject({ code: 1013 })
    expect(sockets.pushed.at(-1)).toMatchObject({ connection: there.id })
  })
})
