/** What is in flight while sessions are ended by hand, and who ends whom. */
import { QueryCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it, vi } from 'vitest'
import { Fault } from '../../shared/domain/fault.ts'
import type { Sessions } from '../../shared/store/sessions.ts'
import { entry, holdRequest, holdWrites } from '../kit/held.ts'
import { type Peer, refusalOf } from '../kit/peer.ts'
import { EXPIRED, PASSWORD, useFlights } from './kit.ts'

const { flights, eve } = useFlights()

const OTHERS = 'auth.terminate_other_sessions'
/** An administrator, who logged in before the moment that it is now. */
const signIn = async (): Promise<Peer> => {
  flights.rig.clock.now += 1000
  const boss = await flights.there.signIn(flights.admin, PASSWORD)
  flights.rig.clock.now += 1000
  return boss
}
const tokenOf = (peer: Peer, isSingle = true): Promise<string> =>
  peer.call<string>('auth.generate_token', 600, {}, false, isSingle)
const byToken = async (token: string): Promise<Peer | null> => {
  const peer = await flights.here.open()
  return (await peer.call('auth.login_with_token', token)) ? peer : null
}
const here = async (token: string): Promise<Peer> => {
  const peer = await byToken(token)
  if (peer === null) throw new Error('the token was refused')
  return peer
}
const isIn = async (peer: Peer | null): Promise<boolean> =>
  peer !== null &&
  (await refusalOf(peer.call('auth.me')).catch(() => 'no socket any more')) === 'not refused'
/** Does something once in the process of the administrator, each time it has listed the sessions. */
const afterListing = (act: () => Promise<unknown>): void => {
  const { sessions } = flights.there.service
  const all: Sessions['all'] = sessions.all
  vi.spyOn(sessions, 'all').mockImplementation(async (tenant) => {
    const listed = await all(tenant)
    await act()
    return listed
  })
}

describe('all other sessions', () => {
  it('end, also those that go on from the caller’s own by a token that is used meanwhile', async () => {
    const boss = await signIn()
    const thief = await here(await tokenOf(boss))
    const next = await tokenOf(thief)
    await thief.disconnect()
    let hopped: Peer | null = null
    afterListing(async () => {
      hopped ??= await byToken(next)
    })
    expect(await boss.call(OTHERS)).toBe(true)
    vi.restoreAllMocks()
    expect(await isIn(hopped)).toBe(false)
    expect(await isIn(boss)).toBe(true)
  })

  it('end with the tokens of those that the caller goes on from, and the caller’s own stay', async () => {
    const before = await signIn()
    const stolen = await tokenOf(before, false)
    const boss = await here(await tokenOf(before))
    await before.disconnect()
    const own = await tokenOf(boss)
    expect(await boss.call(OTHERS)).toBe(true)
    expect(await byToken(stolen)).toBeNull()
    const next = await here(own)
    expect(await isIn(next)).toBe(true)
    // What goes on from the caller since may do the same, and is the only one then.
    flights.rig.clock.now += 1000
    expect(await next.call(OTHERS)).toBe(true)
    expect([await isIn(next), await isIn(boss)]).toEqual([true, false])
  })

  it('end where they logged in at that very moment', async () => {
    const boss = await signIn()
    const token = await tokenOf(await flights.here.signIn(eve, PASSWORD))
    let hopped: Peer | null = null
    afterListing(async () => {
      hopped ??= await byToken(token)
    })
    await boss.call(OTHERS)
    vi.restoreAllMocks()
    expect(await isIn(hopped)).toBe(false)
  })

  it('throw nobody out who has ended theirs first', async () => {
    flights.rig.clock.now += 1000
    const thief = await flights.here.signIn(eve, PASSWORD)
    await thief.call('api_key.create', { name: 'leaves a copy', username: eve.username })
    const boss = await signIn()
    const isMark = (command: object, text: string) =>
      command instanceof TransactWriteItemsCommand && text.includes('"GATE"')
    const mark = holdRequest(isMark)
    const told = refusalOf(thief.call(OTHERS))
    await mark.held
    // Between the mark of the administrator and what it ends.
    const { sessions } = flights.there.service
    const { markAll } = sessions
    vi.spyOn(sessions, 'markAll').mockImplementation(async (...args) => {
      await markAll(...args)
      mark.release()
      await told
    })
    expect(await boss.call(OTHERS)).toBe(true)
    vi.restoreAllMocks()
    expect(await told).toBe(EXPIRED)
    expect(await isIn(boss)).toBe(true)
  })

  it('end with their calls in flight, also where a logout has not come to them yet', async () => {
    flights.rig.clock.now += 1000
    const thief = await flights.here.signIn(eve, PASSWORD)
    const boss = await signIn()
    const make = holdWrites(entry('key.create', eve.username))
    const told = refusalOf(
      thief.call('api_key.create', { name: 'left over', username: eve.username }),
    )
    await make.until(1)
    const drop = holdRequest(
      (command, text) =>
        command instanceof QueryCommand && text.includes('SESSION#') && text.includes(thief.id),
    )
    const logout = thief.call('auth.logout')
    await drop.held
    expect(await boss.call(OTHERS)).toBe(true)
    make.release()
    const answer = await told
    drop.release()
    await logout
    expect(answer).toBe(EXPIRED)
  })

  it('are said to be open where they can’t be listed: the mark stands', async () => {
    flights.rig.clock.now += 1000
    const thief = await flights.here.signIn(eve, PASSWORD)
    const boss = await signIn()
    vi.spyOn(flights.there.service.sessions, 'all').mockRejectedValue(new Fault('UNAVAILABLE'))
    expect(await refusalOf(boss.call(OTHERS))).toMatch('[EIO]')
    expect(await isIn(thief)).toBe(false)
  })
})

describe('one session', () => {
  const idOf = async (peer: Peer): Promise<string | undefined> =>
    (await flights.rig.service.connections.get(peer.id))?.session?.id

  it('ends with what goes on from it by a token that is used meanwhile, and with no other', async () => {
    flights.rig.clock.now += 1000
    const first = await flights.here.signIn(eve, PASSWORD)
    const thief = await here(await tokenOf(first))
    const [id, next] = [await idOf(thief), await tokenOf(thief)]
    const boss = await signIn()
    let hopped: Peer | null = null
    afterListing(async () => {
      hopped ??= await byToken(next)
    })
    expect(await boss.call('auth.terminate_session', id)).toBe(true)
    vi.restoreAllMocks()
    expect(hopped).not.toBeNull()
    expect([await isIn(hopped), await isIn(thief), await isIn(first)]).toEqual([false, false, true])
  })

  it('is said to be open where its end can’t be told: the mark stands', async () => {
    flights.rig.clock.now += 1000
    const thief = await flights.here.signIn(eve, PASSWORD)
    const boss = await signIn()
    const { tokens } = flights.there.service
    vi.spyOn(tokens, 'endAll').mockRejectedValue(new Fault('UNAVAILABLE'))
    const told = refusalOf(boss.call('auth.terminate_session', await idOf(thief)))
    expect(await told).toMatch('[EIO]')
  })
})
