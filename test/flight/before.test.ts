/** Sessions from before they had partitions of their own, whose sockets are open yet. */
import { describe, expect, it, vi } from 'vitest'
import { itemKey } from '../../shared/store/item-keys.ts'
import { type Peer, refusalOf } from '../kit/peer.ts'
import { addKey } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'
import { putItems, scan } from '../kit/table.ts'
import { EXPIRED, PASSWORD, useFlights } from './kit.ts'

const { flights, eve } = useFlights()

const sessionItems = async (connection: string) =>
  (await scan(flights.rig.table)).filter(
    ({ sk }) => sk.startsWith('SESSION#') && sk.includes(connection),
  )

/** Makes of a session what it was. */
const asBefore = async (peer: Peer): Promise<Peer> => {
  const { rig } = flights
  for (const item of await scan(rig.table)) {
    if (item.pk !== `C#${peer.id}`) continue
    const { principal: _, ...session } = item.session
    const holder = session.key
      ? `K${String(session.key.n).padStart(9, '0')}`
      : `U${String(session.uid).padStart(9, '0')}`
    const listed = await sessionItems(peer.id)
    await rig.service.connections.logout(
      (await rig.service.connections.get(peer.id)) ?? (null as never),
    )
    await putItems(rig.table, [{ ...item, session }])
    const { address, secure, ttl } = listed[0] as (typeof listed)[number]
    const at = itemKey.sessionBefore(session.tenant, holder, peer.id)
    await putItems(rig.table, [{ ...at, session, address, secure, ttl }])
  }
  return peer
}

describe('a session from before', () => {
  it('changes things until what it hangs on ends, is closed then, and leaves nothing', async () => {
    const { key, raw } = await addKey(flights.rig.service, eve)
    const peer = await asBefore(await flights.loggedIn(raw.reveal()))
    expect((await sessionItems(peer.id)).map(({ pk }) => pk)).toEqual([`T#${eve.tenant}`])
    const go = () => Promise.resolve()
    expect(await flights.making(peer, eve, go)).toBe('not refused')
    vi.restoreAllMocks()
    const revoke = () => flights.root.call('api_key.revoke', key.id)
    expect(await flights.making(peer, eve, revoke)).toBe(EXPIRED)
    const item = (await scan(flights.rig.table)).find(({ pk }) => pk === itemKey.check(key).pk)
    await streamed(flights.here.service, {
      key: itemKey.check(key),
      before: item ?? null,
      after: item ?? null,
    })
    expect(flights.here.closed.has(peer.id)).toBe(true)
    expect(await sessionItems(peer.id)).toEqual([])
  })

  it('is listed and terminated as any other', async () => {
    const peer = await asBefore(await flights.here.signIn(eve, PASSWORD))
    const sessions = await flights.root.call<{ id: string }[]>('auth.sessions')
    const { session } = (await flights.rig.service.connections.get(peer.id)) ?? {}
    expect(sessions.map(({ id }) => id)).toContain(session?.id)
    const end = () => flights.root.call('auth.terminate_session', session?.id)
    expect(await flights.making(peer, eve, end)).toBe(EXPIRED)
    expect(await sessionItems(peer.id)).toEqual([])
  })

  it('makes tokens that log in, and logs out', async () => {
    const peer = await asBefore(await flights.here.signIn(eve, PASSWORD))
    const token = await peer.call('auth.generate_token', 600, {}, false)
    const next = await flights.here.open()
    expect(await next.call('auth.login_with_token', token)).toBe(true)
    expect((await sessionItems(next.id)).map(({ pk }) => pk)).toEqual([
      expect.stringMatching(/^T#\d+#S#\d+$/),
    ])
    expect(await flights.making(peer, eve, () => peer.call('auth.logout'))).toBe(EXPIRED)
    expect(await sessionItems(peer.id)).toEqual([])
    expect(await refusalOf(peer.call('auth.me'))).toMatch('Not authenticated')
  })
})
