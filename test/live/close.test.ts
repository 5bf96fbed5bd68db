import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeyRef } from '../../shared/domain/key.ts'
import { DEVICES } from '../../shared/domain/names.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import { deleteKey, updateKey } from '../../shared/keys/change.ts'
import { revokeKey } from '../../shared/keys/revoke.ts'
import { closeEnded } from '../../shared/live/close.ts'
import type { Change } from '../../shared/live/rounds.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { later, turns } from '../kit/later.ts'
import { type Peer, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'
import { readItem } from '../kit/table.ts'

let rig: Rig
let sockets: Sockets
let admin: User
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
})
afterAll(() => rig.close())

const by = { actor: SERVICE }
const item = async (at: { pk: string; sk: string }) => {
  const { tenant, n } = /^T#(?<tenant>\d+)#K#(?<n>\d+)$/.exec(at.pk)?.groups ?? {}
  const [key] = await rig.service.keys.forCheck([{ tenant: Number(tenant), n: Number(n) }])
  return key
}
/** Does something to a key, and gives the stream's record of its checked item. */
const recordOf = async (ref: KeyRef, act: () => Promise<unknown>): Promise<Change> => {
  const key = itemKey.check(ref)
  const before = (await item(key)) ?? null
  await act()
  return { key, before, after: (await item(key)) ?? null }
}
const loggedIn = async (raw: { reveal(): string }): Promise<Peer> => {
  const peer = await sockets.open()
  expect(await peer.call('auth.login_with_api_key', raw.reveal())).toBe(true)
  return peer
}
const isClosed = (peer: Peer): boolean => sockets.closed.has(peer.id)

it('very many slow sockets of one tenant hold up the closing of no other’s', async () => {
  const { connections, push, sessions } = sockets.service
  const revoked = async () => {
    const { key, raw } = await addKey(rig.service, await newTenant(rig.service))
    const { id } = await loggedIn(raw)
    const record = await recordOf(key, () =>
      revokeKey(rig.service, { ...by, ref: key, cause: 'asked' }),
    )
    const session = (await connections.get(id))?.session
    if (!session) throw new Error('nobody is logged in')
    const [[, held] = []] = await connections.allWithHeld([{ connection: id, session }])
    return { id, session, record, held: held as NonNullable<typeof held> }
  }
  const [slow, other] = [await revoked(), await revoked()]
  const isOther = (tenant: number) => tenant === other.session.tenant
  const begun = later()
  const answer = later()
  const pushed: string[] = []
  // All but pushes is at hand, so turns of the event loop are enough.
  const closing = closeEnded(
    {
      ...sockets.service,
      push: {
        ...push,
        close: async (connection) => {
          pushed.push(connection)
          begun.come()
          if (connection !== other.id) await answer.coming
        },
      },
      sessions: {
        ...sessions,
        // The other tenant's list comes when the slow ones have what they get.
        async *of(tenant) {
          if (isOther(tenant)) await begun.coming
          const { id, session } = isOther(tenant) ? other : slow
          const one = { connection: id, session, ended: false, address: '192.0.2.1', secure: true }
          if (isOther(tenant)) yield one
          else for (let n = 0; n < 200; n++) yield { ...one, connection: `${id} ${n}` }
        },
        async *before() {},
      },
      connections: {
        ...connections,
        // As of sockets that are gone from the table already.
        allWithHeld: async (all) =>
          all.map(({ session }) => [null, (isOther(session.tenant) ? other : slow).held]),
      },
    },
    [slow.record, other.record],
    () => 60_000,
  )
  await turns()
  const isClosedNow = pushed.includes(other.id)
  const atOnce = pushed.length
  answer.come()
  expect(await closing).toBeNull()
  expect({ isClosedNow, atOnce, all: pushed.length }).toEqual({
    isClosedNow: true,
    atOnce: 48 + 1,
    all: 201,
  })
})

describe('a stream record', () => {
  it('may come twice: the second closes nothing more', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const peer = await loggedIn(raw)
    const record = await recordOf(key, () =>
      revokeKey(rig.service, { ...by, ref: key, cause: 'asked' }),
    )
    await streamed(sockets.service, record)
    expect(sockets.closed.get(peer.id)).toEqual({ code: 1008, reason: 'Session is expired' })
    sockets.closed.clear()
    await streamed(sockets.service, record)
    expect(sockets.closed.size).toBe(0)
  })

  it('comes again for a socket that couldn’t be closed, though its session is forgotten', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const peer = await loggedIn(raw)
    await peer.call('core.subscribe', 'api_key.query')
    const record = await recordOf(key, () =>
      revokeKey(rig.service, { ...by, ref: key, cause: 'asked' }),
    )
    const throttled = async () => {
      throw new Error('throttled')
    }
    const { push } = sockets.service
    const none = { ...sockets.service, push: { send: throttled, close: throttled } }
    await expect(streamed(none, record)).rejects.toThrow('throttled')
    expect(isClosed(peer)).toBe(false)
    // Nor does what can't be told keep it open.
    await streamed({ ...sockets.service, push: { ...push, send: throttled } }, record)
    expect(isClosed(peer)).toBe(true)
  })

  it('may come late: a session with the newer secret stays', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const old = await loggedIn(raw)
    const revoked = await recordOf(key, () =>
      revokeKey(rig.service, { ...by, ref: key, cause: 'asked' }),
    )
    const reset = await updateKey(rig.service, {
      ...by,
      ref: key,
      update: { reset: true, graceSeconds: 0 },
    })
    const peer = await loggedIn(reset.issued?.raw ?? raw)
    await streamed(sockets.service, revoked)
    expect([isClosed(old), isClosed(peer)]).toEqual([true, false])
  })

  it('of a deleted key closes its sockets, and of a renamed one none', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const peer = await loggedIn(raw)
    const renamed = await recordOf(key, () =>
      updateKey(rig.service, {
        ...by,
        ref: key,
        update: { name: 'another name', reset: false, graceSeconds: 0 },
      }),
    )
    await streamed(sockets.service, renamed)
    expect(isClosed(peer)).toBe(false)
    const deleted = await recordOf(key, () => deleteKey(rig.service, { ...by, ref: key }))
    await streamed(sockets.service, deleted)
    expect(isClosed(peer)).toBe(true)
  })

  it('of the end of a grace period closes the sockets of the former secret only', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const old = await loggedIn(raw)
    const { issued } = await updateKey(rig.service, {
      ...by,
      ref: key,
      update: { reset: true, graceSeconds: 5 },
    })
    const current = await loggedIn(issued?.raw ?? raw)
    expect(await old.call('core.ping')).toBe('pong')
    rig.clock.now += 5000
    await streamed(sockets.service, await recordOf(key, () => sweep(rig.service)))
    expect([isClosed(old), isClosed(current)]).toEqual([true, false])
  })

  it('of the lock of the devices’ user closes the sockets of all devices, and of no one else', async () => {
    const owner = await newTenant(rig.service)
    const root = await sockets.openAs(owner)
    const device = async () => {
      const { token } = await root.call<{ token: string }>('device.invite', {})
      const peer = await sockets.open()
      const { key } = await peer.call<{ key: string }>('device.enroll', { token, name: peer.id })
      return loggedIn(new Secret(key))
    }
    const devices = [await device(), await device(), await device()]
    const user = () => readItem(rig.table, itemKey.user(owner.tenant, DEVICES))
    const change = async (locked: boolean) => {
      const before = await user()
      await root.call('user.update', before?.uid, { locked })
      const key = itemKey.user(owner.tenant, DEVICES)
      await streamed(sockets.service, { key, before, after: await user() })
    }
    await change(true)
    expect(devices.map(isClosed)).toEqual([true, true, true])
    expect(isClosed(root)).toBe(false)
    await change(false)
    expect(isClosed(await device())).toBe(false)
  })
})
