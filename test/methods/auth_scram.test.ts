/** Logins by SCRAM. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Secret } from '../../shared/domain/secret.ts'
import { updateKey } from '../../shared/keys/change.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { type Peer, type PeerOptions, refusalOf } from '../kit/peer.ts'
import { scramLogin } from '../kit/scram.ts'
import { addKey, newTenant } from '../kit/service.ts'
import { certificate, type Logins, startLogins } from './logins.ts'

let rig: Logins['rig']
let admin: Logins['admin']
let slug: Logins['slug']
let open: Logins['open']
let revoke: Logins['revoke']
let rightNames: Logins['rightNames']
let wrongNames: Logins['wrongNames']
let watched: Logins['watched']
beforeAll(async () => {
  ;({ rig, admin, slug, open, revoke, rightNames, wrongNames, watched } = await startLogins())
})
afterAll(() => rig.close())

describe('SCRAM', () => {
  const scram = async (options: Parameters<typeof scramLogin>[1], how?: PeerOptions) => {
    const peer = await open(how)
    return {
      peer,
      ...(await scramLogin((method, ...params) => peer.call(method, ...params), options)),
    }
  }

  it('logs in, proves the server, and says so in auth.me', async () => {
    const { raw } = await addKey(rig.service, admin)
    const { last, serverProven, peer } = await scram({ username: 'admin', raw: raw.reveal() })
    expect(serverProven).toBe(true)
    expect(last).toMatchObject({
      response_type: 'SCRAM_RESPONSE',
      scram_type: 'SERVER_FINAL_RESPONSE',
      user_info: { account_attributes: expect.arrayContaining(['API_KEY', 'SCRAM']) },
    })
    expect(await peer.call('api_key.my_keys')).not.toHaveLength(0)
  })

  it('binds to the certificate, and refuses another one, and none over plain ws', async () => {
    const { raw } = await addKey(rig.service, admin)
    const key = { username: 'admin', raw: raw.reveal() }
    const other = createHash('sha256').update('a man in the middle').digest()
    expect(await scram({ ...key, certificate })).toMatchObject({ serverProven: true })
    expect((await scram({ ...key, certificate: other })).last).toEqual({
      response_type: 'AUTH_ERR',
    })
    expect((await scram({ ...key, certificate }, { proto: 'http' })).first).toEqual({
      response_type: 'AUTH_ERR',
    })
    expect(await scram(key, { proto: 'http' })).toMatchObject({ serverProven: true })
  })

  it('answers an unknown key, a wrong secret and a wrong user alike, until the proof', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const { raw: other } = await addKey(rig.service, await newTenant(rig.service))
    const [, secret] = other.reveal().split('-')
    const cases = [
      { username: 'admin', raw: `${key.id}-${secret}` },
      { username: 'root', raw: raw.reveal() },
      { username: 'admin', raw: `${key.id + 1000}-${secret}` },
      { username: 'admin', raw: `9000000000000001-${secret}` },
      { username: 'admin', raw: other.reveal().replace(/^/, '') },
    ]
    for (const one of cases.slice(0, 4)) {
      const { first, last } = await scram(one)
      expect(first.response_type).toBe('SCRAM_RESPONSE')
      expect(first.rfc_str).toMatch(/^r=[A-Za-z0-9+/]{86}==,s=[A-Za-z0-9+/]{22}==,i=50000$/)
      expect(last).toEqual({ response_type: 'AUTH_ERR' })
    }
    const salt = async () => /s=([^,]+)/.exec((await scram(cases[3] as never)).first.rfc_str)?.[1]
    expect(await salt()).toBe(await salt())
  })

  it('takes the user with the tenant of the key, and with no other', async () => {
    const { raw } = await addKey(rig.service, admin)
    for (const username of rightNames())
      expect(await scram({ username, raw: raw.reveal(), certificate }), username).toMatchObject({
        serverProven: true,
        last: { user_info: { pw_name: 'admin' } },
      })
    for (const username of await wrongNames()) {
      const { first, last } = await scram({ username, raw: raw.reveal() })
      expect(first.response_type, username).toBe('SCRAM_RESPONSE')
      expect(last, username).toEqual({ response_type: 'AUTH_ERR' })
    }
  })

  it('reads the tenant of the named one as often for an unknown key as for a known one', async () => {
    const { raw } = await addKey(rig.service, admin)
    const [id, secret] = raw.reveal().split('-')
    const { read, open } = watched()
    const reads = async (username: string, key: string) => {
      const peer = await open()
      read.length = 0
      await scramLogin((method, ...params) => peer.call(method, ...params), { username, raw: key })
      return read.length
    }
    for (const key of [raw.reveal(), `${Number(id) + 1000}-${secret}`, `${id}-${'A'.repeat(64)}`]) {
      for (const username of [`admin@${slug}`, 'root@nobody', '@'])
        expect(await reads(username, key), username).toBe(1)
      expect(await reads('admin', key)).toBe(0)
    }
  })

  it('never says EXPIRED, and refuses revoked keys at the proof, without opening a session', async () => {
    const opens = vi.spyOn(rig.service.connections, 'loginFirst')
    const revoked = await addKey(rig.service, admin)
    await revoke(revoked.key)
    const expired = await addKey(rig.service, admin, { expires: rig.clock.now + 5 })
    rig.clock.now += 5
    for (const { raw } of [revoked, expired])
      expect((await scram({ username: 'admin', raw: raw.reveal() })).last).toEqual({
        response_type: 'AUTH_ERR',
      })
    expect(opens).not.toHaveBeenCalled()
    opens.mockRestore()
  })

  it('knows both secrets during a grace period', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const { issued } = await updateKey(rig.service, {
      ref: key,
      actor: SERVICE,
      update: { reset: true, graceSeconds: 60 },
    })
    for (const secret of [raw, issued?.raw ?? new Secret('')])
      expect(await scram({ username: 'admin', raw: secret.reveal() })).toMatchObject({
        serverProven: true,
      })
    rig.clock.now += 60_000
    expect((await scram({ username: 'admin', raw: raw.reveal() })).last).toEqual({
      response_type: 'AUTH_ERR',
    })
  })

  it('needs the first message, from this connection, within a minute', async () => {
    const { raw } = await addKey(rig.service, admin)
    const peer = await open()
    const other = await open()
    let kept = ''
    await scramLogin((method, ...params) => peer.call(method, ...params), {
      username: 'admin',
      raw: raw.reveal(),
      bend: (text) => {
        kept = text
        return text.replace(/p=.*/, 'p=')
      },
    })
    const final = (on: Peer) =>
      on.call('auth.login_ex', {
        mechanism: 'SCRAM',
        scram_type: 'CLIENT_FINAL_MESSAGE',
        rfc_str: kept,
      })
    const text = '-32001 [EFAULT] SCRAM authentication is not in progress'
    expect(await refusalOf(final(other))).toBe(text)
    rig.clock.now += 61_000
    expect(await refusalOf(final(peer))).toBe(text)
  })

  it('writes nothing to the table before the proof', async () => {
    const { raw } = await addKey(rig.service, admin)
    const peer = await open()
    const before = await rig.service.connections.get(peer.id)
    await peer.call('auth.login_ex', {
      mechanism: 'SCRAM',
      scram_type: 'CLIENT_FIRST_MESSAGE',
      rfc_str: `n,,n=admin:${raw.reveal().split('-')[0]},r=${Buffer.alloc(32).toString('base64')}`,
    })
    expect(await rig.service.connections.get(peer.id)).toEqual(before)
  })
})
