/**
 * A key that was seen on an unencrypted connection ends, on whatever way it came, unless it is dead already: a
 * locked user's too, for that user may be unlocked again.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkKey } from '../../shared/keys/check.ts'
import type { User } from '../../shared/store/user-items.ts'
import { bearer, send } from '../http/kit.ts'
import { type Peer, type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, START, startRig } from '../kit/service.ts'

const REASON = 'Attempt to use over an insecure transport'

let rig: Rig
let sockets: Sockets
let root: Peer
let user: User
let device: string
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  const admin = await newTenant(rig.service)
  root = await sockets.openAs(admin)
  user = await addUser(rig.service, admin.tenant, 'bob', ['READONLY_ADMIN', 'KEY_VALIDATE'])
  const asking = await addUser(rig.service, admin.tenant, 'device', ['KEY_VALIDATE'])
  device = (await addKey(rig.service, asking)).raw.reveal()
})
afterAll(() => rig.close())
beforeEach(() => {
  rig.clock.now = START
})

const HTTP = { proto: 'http' }

/** The ways on which a key comes in clear, or is said to have come so. */
const WAYS: Readonly<Record<string, (raw: string) => Promise<unknown>>> = {
  'a login by key, of 26': async (api_key) =>
    (await sockets.open({ proto: 'ws' })).call('auth.login_ex', {
      mechanism: 'API_KEY_PLAIN',
      username: 'bob',
      api_key,
    }),
  'a login by key that names another user': async (api_key) =>
    (await sockets.open({ proto: 'ws' })).call('auth.login_ex', {
      mechanism: 'API_KEY_PLAIN',
      username: 'ada',
      api_key,
    }),
  'a login by key, of 25': async (raw) =>
    (await sockets.open({ proto: 'ws' })).call('auth.login_with_api_key', raw),
  'introspection, as the caller’s': (raw) =>
    send(rig.service, '/oauth2/introspect', {
      ...HTTP,
      headers: bearer(raw),
      form: { token: 'x' },
    }),
  'introspection, as the one asked about': (token) =>
    send(rig.service, '/oauth2/introspect', { ...HTTP, headers: bearer(device), form: { token } }),
  'introspection, received over http': (token) =>
    send(rig.service, '/oauth2/introspect', {
      headers: bearer(device),
      form: { token, transport: 'http' },
    }),
  'introspection, received over ws': (token) =>
    send(rig.service, '/oauth2/introspect', {
      headers: bearer(device),
      form: { token, transport: 'ws' },
    }),
  'introspection of many': (raw) =>
    send(rig.service, '/v1/introspect', {
      headers: bearer(device),
      json: { tokens: ['x', raw], transport: 'http' },
    }),
  'forward-auth': (raw) =>
    send(rig.service, '/v1/forward-auth?transport=http', {
      headers: { ...bearer(raw), 'keyharbor-authorization': `Bearer ${device}` },
    }),
  'a request for an access token': (raw) =>
    send(rig.service, '/oauth2/token', {
      ...HTTP,
      form: {
        grant_type: 'client_credentials',
        client_id: raw.split('-')[0] ?? '',
        client_secret: raw,
      },
    }),
  'its holder’s revocation': (token) =>
    send(rig.service, '/oauth2/revoke', { ...HTTP, form: { token } }),
}

type Case = {
  /** Brings a key into a state. */
  readonly before: (key: { id: number }) => Promise<unknown>
  /** What the key says of its revocation then. */
  readonly reason: string | null
}
const lock = (locked: boolean) => root.call('user.update', user.uid, { locked })

/** By what the key is when it is seen. */
const CASES: Readonly<Record<string, Case>> = {
  good: { before: async () => {}, reason: REASON },
  'a locked user’s': { before: () => lock(true), reason: REASON },
  'revoked already': {
    before: ({ id }) => root.call('api_key.revoke', id, { reason: 'lost' }),
    reason: 'lost',
  },
}

/** On a connection of their own, the device's key isn't what this is about: it is reset each time. */
const newDevice = async (): Promise<void> => {
  const asking = await rig.service.users.get(user.tenant, 'device')
  device = (await addKey(rig.service, asking as User)).raw.reveal()
}

describe.each(Object.keys(WAYS))('%s', (way) => {
  it.each(Object.keys(CASES))('ends a key that is %s as it should', async (name) => {
    const { before, reason } = CASES[name] as Case
    await newDevice()
    const { key, raw } = await addKey(rig.service, user)
    await before(key)
    await WAYS[way]?.(raw.reveal())
    await lock(false)
    const [after] = await rig.service.keys.byNumbers(key.tenant, [key.n])
    expect(after?.revoked?.reason ?? null).toBe(reason)
    expect((await checkKey(rig.service, raw.reveal())).state).toBe('revoked')
  })
})

it('a wrong secret over http ends nothing', async () => {
  const [{ key, raw }, other] = [await addKey(rig.service, user), await addKey(rig.service, user)]
  const wrong = `${key.id}-${other.raw.reveal().split('-')[1]}`
  for (const way of Object.values(WAYS)) {
    await newDevice()
    await way(wrong)
  }
  for (const one of [raw, other.raw])
    expect((await checkKey(rig.service, one.reveal())).state).toBe('active')
})
