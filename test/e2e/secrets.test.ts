/** Every other kind of secret passes by, also in places where it doesn't belong; what becomes of
 * them is for the canary to say. */
import { type TOTP, URI } from 'otpauth'
import { expect, it } from 'vitest'
import { http } from '../../local/client.ts'
import {
  bootstrap,
  ca,
  introspect,
  lacks,
  newTenant,
  note,
  openInsecureSocket,
  openSocket,
} from './kit.ts'

it('a second factor, a password, tokens and SCRAM’s keys are used and shown once', async () => {
  const { rpc, slug, password, create } = await newTenant()
  const made = await rpc.call<{ twofactor_config: { provisioning_uri: string } }>(
    'user.renew_2fa_secret',
    'admin',
    {},
  )
  const device = URI.parse(made.twofactor_config.provisioning_uri) as TOTP
  note(device.secret.base32)
  note(device.secret.hex)
  const proof = { code: device.generate(), password }
  const { recovery_codes: recovery } = await rpc.call<{ recovery_codes: string[] }>(
    'user.confirm_2fa_secret',
    'admin',
    proof,
  )
  for (const code of recovery) note(code)
  const login = await openSocket()
  const name = `admin@${slug}`
  expect(await login.call('auth.login', name, password, recovery[0])).toBe(true)
  const token = note(await login.call<string>('auth.generate_token', 600, {}, false))
  const beside = await openSocket()
  expect(await beside.call('auth.login_with_token', token)).toBe(true)
  beside.close()
  await beside.closed
  const next = note(`new password of ${slug}`)
  const change = { username: 'admin', old_password: password, new_password: next }
  // On a busy machine the socket is closed before the answer comes: its session has ended by then.
  await login.call('user.set_password', change).catch((error) => {
    expect(String(error)).toMatch('closed 1008 Session is expired')
  })
  await login.closed
  const key = await create().catch(() => null)
  // The first socket was opened by the old password too.
  expect(key).toBeNull()
  const again = await openSocket()
  expect(
    await again.call('auth.login_ex', {
      mechanism: 'PASSWORD_PLAIN',
      username: name,
      password: next,
    }),
  ).toMatchObject({ response_type: 'OTP_REQUIRED' })
  again.close()
})

it('a key’s SCRAM takes the rounds that real clients insist on (docs/protocol/client.md §2.6)', async () => {
  const { rpc, create } = await newTenant()
  expect(await create()).toMatchObject({ iterations: 50_000 })
  rpc.close()
})

it('a key where it doesn’t belong is refused without being repeated or kept', async () => {
  const { rpc, create, device } = await newTenant()
  const made = await create()
  const { key } = made
  const client_key = note(String(made.client_key))
  const token = note(await rpc.call<string>('auth.generate_token'))
  const said: string[] = []
  const hear = (call: Promise<unknown>) =>
    call.then(
      (result) => said.push(JSON.stringify(result)),
      (error: Error & { data?: unknown }) => said.push(`${error} ${JSON.stringify(error.data)}`),
    )
  for (const secret of [key, token, client_key]) {
    await hear(rpc.call(secret))
    await hear(rpc.call('core.subscribe', [secret]))
    await hear(rpc.call('auth.login_with_api_key', { [key]: secret }))
    await hear(rpc.call('auth.login_ex', { mechanism: 'API_KEY_PLAIN', api_key: secret }))
    await hear(rpc.call('api_key.convert_raw_key', `${secret}x`))
    await hear(rpc.call('auth.login_with_token', `${secret}x`))
    const url = `${bootstrap.https}/${encodeURIComponent(secret)}?token=${encodeURIComponent(secret)}`
    said.push((await http(url, { ca, bearer: secret })).text)
    said.push((await introspect(device, secret, { transport: secret })).text)
    said.push((await introspect(`${secret}x`, secret)).text)
  }
  if (!('plain text' in lacks)) {
    const plain = await openInsecureSocket()
    await hear(plain.call('auth.login_with_api_key', key))
    plain.close()
  }
  // A name is an echo of what was asked for; anything else must not be.
  const secret = key.split('-')[1] ?? ''
  expect(said.filter((text) => text.includes(secret))).toEqual([])
  rpc.close()
})
