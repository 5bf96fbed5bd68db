/** Login tokens, in flight while their session ends or another takes their place. */
import { describe, expect, it, vi } from 'vitest'
import { beforeWrites, holdWrites, session } from '../kit/held.ts'
import { type Peer, refusalOf } from '../kit/peer.ts'
import { EXPIRED, PASSWORD, useFlights } from './kit.ts'

const { flights, eve } = useFlights()

const signIn = () => flights.here.signIn(eve, PASSWORD)
const tokenOf = (peer: Peer): Promise<string> =>
  peer.call<string>('auth.generate_token', 600, {}, false)
const opens = async (token: string): Promise<boolean> =>
  (await flights.here.open()).call<boolean>('auth.login_with_token', token)
/** The transaction that makes a token. */
const makes = ({ sk, deleted }: Readonly<Record<string, unknown>>) =>
  !deleted && String(sk).startsWith('TOKEN#')

describe('a token', () => {
  it('logs nobody in when another took its place after it was found', async () => {
    const peer = await signIn()
    const token = await tokenOf(peer)
    let others: string[] = []
    beforeWrites(session(eve.username), async () => {
      if (others.length > 0) return
      others = ['']
      const [id] = /[A-Za-z0-9_-]{22}/.exec(token) ?? []
      expect(id).toBeDefined()
      const connection = await flights.rig.service.connections.get(peer.id)
      await flights.rig.service.tokens.endAll(eve.tenant, connection?.session?.id ?? '')
      // As many as there are slots.
      others = await Promise.all(Array.from({ length: 16 }, () => tokenOf(peer)))
    })
    expect(await opens(token)).toBe(false)
    vi.restoreAllMocks()
    expect(others).toHaveLength(16)
    expect(await opens(others[0] as string)).toBe(true)
  })

  it('that is made while its session logs out ends with it', async () => {
    const peer = await signIn()
    let token: Promise<string> | null = null
    // After the session's tokens were ended, and before the session is.
    beforeWrites(
      ({ sk, deleted }) => deleted === true && String(sk).startsWith('SESSION#'),
      async () => {
        token ??= tokenOf(peer)
        await token
      },
    )
    await peer.call('auth.logout')
    vi.restoreAllMocks()
    expect(token).not.toBeNull()
    expect(await opens((await token) ?? '')).toBe(false)
  })

  it.each(['auth.logout', 'auth.terminate_session', 'auth.terminate_other_sessions'])(
    'is not made any more when its session was ended by %s',
    async (method) => {
      const peer = await signIn()
      await tokenOf(peer)
      const connection = await flights.rig.service.connections.get(peer.id)
      const held = holdWrites(makes)
      const told = refusalOf(tokenOf(peer))
      await held.until(1)
      if (method === 'auth.logout') await peer.call(method)
      else if (method === 'auth.terminate_session')
        await flights.root.call(method, connection?.session?.id)
      else await flights.root.call(method)
      flights.rig.clock.now += 1
      held.release()
      expect(await told).toBe(EXPIRED)
    },
  )

  it('takes nobody from session to session while they are terminated', async () => {
    let peer = await signIn()
    const hop = async (token: string) => {
      await peer.disconnect()
      peer = await flights.here.open()
      return peer.call<boolean>('auth.login_with_token', token)
    }
    const single = () => peer.call<string>('auth.generate_token', 600, {}, false, true)
    const boss = await flights.there.signIn(flights.admin, PASSWORD)
    flights.rig.clock.now += 1000
    const { sessions } = flights.there.service
    const all = sessions.all
    let isIn = true
    vi.spyOn(sessions, 'all').mockImplementation(async (tenant) => {
      if (!isIn) return all(tenant)
      const token = await single().catch(() => '')
      await peer.disconnect()
      const listed = await all(tenant)
      isIn = await hop(token)
      return listed
    })
    await boss.call('auth.terminate_other_sessions')
    expect(isIn).toBe(false)
    expect(await refusalOf(peer.call('auth.me'))).toMatch('Not authenticated')
    expect(await refusalOf(boss.call('auth.me'))).toBe('not refused')
  })
})
