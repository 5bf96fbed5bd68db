import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCheckApp } from '../../shared/http/app.ts'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, refusalOf, type Sockets, startSockets } from '../kit/peer.ts'
import { scramLogin } from '../kit/scram.ts'
import { addKey, addUser, newTenant, type Rig, START, startRig } from '../kit/service.ts'

const MINUTE = 60_000

let rig: Rig
let sockets: Sockets
let admin: User
let root: Peer
beforeAll(async () => {
  rig = await startRig()
  sockets = startSockets(rig.service)
  admin = await newTenant(rig.service)
  root = await sockets.openAs(admin)
})
afterAll(() => rig.close())

type Used = { id: number; last_used_at: Date }
const used = (...ids: number[]): Promise<Used[]> => root.call<Used[]>('api_key.last_used', ids)
const login = async (raw: { reveal(): string }): Promise<void> => {
  const peer = await sockets.open()
  expect(await peer.call('auth.login_with_api_key', raw.reveal())).toBe(true)
}

describe('api_key.last_used', () => {
  it('is when a key last logged in, by itself or by SCRAM; others are left out', async () => {
    rig.clock.now = START
    // One after the other: the answer is in the order of their numbers.
    const plain = await addKey(rig.service, admin)
    const scram = await addKey(rig.service, admin)
    const never = await addKey(rig.service, admin)
    await login(plain.raw)
    rig.clock.now = START + 5000
    const peer = await sockets.open()
    const answered = await scramLogin((method, ...params) => peer.call(method, ...params), {
      username: 'admin',
      raw: scram.raw.reveal(),
    })
    expect(answered.serverProven).toBe(true)
    expect(await used(plain.key.id, never.key.id, scram.key.id, scram.key.id)).toEqual([
      { id: plain.key.id, last_used_at: new Date(START) },
      { id: scram.key.id, last_used_at: new Date(START + 5000) },
    ])
  })

  it('is written once an hour at the most', async () => {
    rig.clock.now = START
    const { key, raw } = await addKey(rig.service, admin)
    await login(raw)
    rig.clock.now = START + 59 * MINUTE
    await login(raw)
    expect(await used(key.id)).toEqual([{ id: key.id, last_used_at: new Date(START) }])
    rig.clock.now = START + 60 * MINUTE
    await Promise.all([login(raw), login(raw)])
    expect(await used(key.id)).toEqual([{ id: key.id, last_used_at: new Date(rig.clock.now) }])
  })

  it('is nothing that a failed login or a check changes', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const peer = await sockets.open()
    expect(await peer.call('auth.login_with_api_key', raw.reveal().replace(/.$/, '_'))).toBe(false)
    const device = await addUser(rig.service, admin.tenant, 'device', ['KEY_VALIDATE'])
    const { raw: own } = await addKey(rig.service, device)
    const checked = await createCheckApp(rig.service).fetch(
      new Request('https://keys.example/oauth2/introspect', {
        method: 'POST',
        headers: { authorization: `Bearer ${own.reveal()}` },
        body: new URLSearchParams({ token: raw.reveal() }),
      }),
      { address: '192.0.2.1', secure: true },
    )
    expect(await checked.json()).toMatchObject({ active: true })
    expect(await used(key.id)).toEqual([])
  })

  it('goes with the key', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    await login(raw)
    expect(await used(key.id)).toHaveLength(1)
    await root.call('api_key.delete', key.id)
    expect(await used(key.id)).toEqual([])
  })

  it('takes a hundred ids, and whatever numbers they are', async () => {
    expect(await used(0, -1, 1, 2 ** 53 - 1)).toEqual([])
    const many = Array.from({ length: 101 }, (_, at) => at)
    expect(await refusalOf(root.call('api_key.last_used', many))).toBe(
      '-32602 [EINVAL] ids: List should have at most 100 items',
    )
  })

  it('is asked by who may read keys', async () => {
    const plain = await addUser(rig.service, admin.tenant, 'plain', ['KEY_VALIDATE'])
    const peer = await sockets.openAs(plain)
    expect(await refusalOf(peer.call('api_key.last_used', []))).toBe(
      '-32001 [EACCES] Not authorized',
    )
  })
})

describe('a login', () => {
  it('stands when the use can not be noted', async () => {
    const logged: string[] = []
    const failing = startSockets({
      ...rig.service,
      log: { ...rig.service.log, error: (message) => logged.push(message) },
      keys: {
        ...rig.service.keys,
        used: () => Promise.reject(new Error('the table is out of reach')),
      },
    })
    const { raw } = await addKey(rig.service, admin)
    const peer = await failing.open()
    expect(await peer.call('auth.login_with_api_key', raw.reveal())).toBe(true)
    expect(await peer.call('auth.me')).toMatchObject({ pw_name: 'admin' })
    expect(logged).toEqual(["a key's use could not be noted"])
  })
})
