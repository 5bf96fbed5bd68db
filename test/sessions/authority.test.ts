/** By which authority a session's calls change things: its rights at that moment. */
import { describe, expect, it } from 'vitest'
import { Fault } from '../../shared/domain/fault.ts'
import { type Acting, actorOf, authorityOnce } from '../../shared/sessions/authority.ts'
import type { LiveSession } from '../../shared/sessions/session.ts'
import { BY_KEY, KEY_ITEM } from '../keys/items.ts'
import { refusal } from '../kit/service.ts'

const NOW = KEY_ITEM.createdAt
const SESSION = {
  ...BY_KEY,
  roles: ['API_KEY_WRITE', 'ACCOUNT_READ'],
  ceiling: null,
  version: 5,
} as const satisfies LiveSession

type Given = {
  readonly connection?: object | null
  readonly holder?: object | null
  readonly isEnded?: boolean
}

/** The authority of a session for a call, and for one later change, where this is what it depends on by then. */
const authorities = ({
  connection = { session: SESSION },
  holder = {},
  isEnded = false,
}: Given = {}) => {
  const depends = { holder: holder && { ...KEY_ITEM, ...holder }, gate: null }
  const copies = {
    hold: async (_session: object, _copy: object, confirm: () => Promise<number>) => confirm(),
    holdOnce: async (_session: object, _now: number, confirm: () => Promise<void>) => ({
      confirmed: await confirm(),
    }),
  }
  const connections = { withHeld: async () => [connection, depends], held: async () => depends }
  const service = {
    copies,
    connections,
    sessions: { isEnded: async () => isEnded },
    now: () => NOW,
  } as unknown as Acting['service']
  const acting: Acting = {
    service,
    session: SESSION,
    connection: { id: 'c', connectedAt: NOW, address: '192.0.2.1' } as Acting['connection'],
    progress: { hasSent: false, hasChanged: false },
  }
  const refused = () => new Fault('NOT_AUTHORIZED')
  return { acting, actor: actorOf(acting), once: authorityOnce(service, SESSION, refused), refused }
}
const calling = (given?: Given) =>
  authorities(given).actor.authority?.hold() ?? Promise.reject(new Error('no authority'))
const later = (given?: Given) => authorities(given).once.hold()

describe('who acts', () => {
  it('is the session’s user, by its key if one opened it', () => {
    const { acting, actor } = authorities()
    expect(actor).toMatchObject({ username: 'bob', keyId: 7_000_000_001, address: '192.0.2.1' })
    expect(actor.maker).toEqual({
      uid: 2,
      username: 'bob',
      roles: SESSION.roles,
      ceiling: null,
    })
    const byPassword = { ...acting, session: { ...SESSION, key: null } }
    expect(actorOf(byPassword).keyId).toBeNull()
  })

  it('knows once something has changed', () => {
    const { acting, actor } = authorities()
    expect(acting.progress.hasChanged).toBe(false)
    actor.authority?.onChange?.()
    expect(acting.progress.hasChanged).toBe(true)
  })
})

describe('the authority of a session', () => {
  it.each<[string, Given]>([
    ['its connection is gone', { connection: null }],
    ['nobody is logged in', { connection: { session: null } }],
    ['another session took its place', { connection: { session: { ...SESSION, id: 'other' } } }],
    ['it was ended', { isEnded: true }],
    ['its key is gone', { holder: null }],
  ])('is over when %s', async (_, given) => {
    expect(await refusal(calling(given))).toBe('SESSION_EXPIRED')
  })

  it('holds by the rights that its user has now, as long as they took none', async () => {
    expect(await calling()).toBe(5)
    expect(await calling({ holder: { userVersion: 6 } })).toBe(6)
    expect(await calling({ holder: { userVersion: 6, roles: ['FULL_ADMIN'] } })).toBe(6)
    // Rights of the same version are the same rights.
    expect(await calling({ holder: { roles: ['API_KEY_WRITE'] } })).toBe(5)
    const fewer = { userVersion: 6, roles: ['API_KEY_WRITE'] }
    await expect(calling({ holder: fewer })).rejects.toMatchObject({
      code: 'RIGHTS_CHANGED',
      message: expect.stringContaining('bob'),
    })
  })
})

describe('the authority for one later change', () => {
  it('ends with the key that opened the session, or its roles, and says so in words of its own', async () => {
    for (const holder of [null, { expires: NOW }, { roles: ['ACCOUNT_READ'] }])
      expect(await refusal(later({ holder }))).toBe('NOT_AUTHORIZED')
    const { once, refused } = authorities({ connection: null, isEnded: true })
    expect(await once.hold()).toMatchObject({ refusal: refused })
  })
})
