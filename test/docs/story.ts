/**
 * A life in calls, one for each method of the API: what docs show as its example. Each step is done for
 * real; what it is answered is the example's answer.
 */
import { Secret } from '../../shared/domain/secret.ts'
import { isAtLeast, type Version } from '../../shared/domain/versions.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { createTenant } from '../../shared/tenants/commands.ts'
import type { Peer, Sockets } from '../kit/peer.ts'
import { appOf } from '../kit/second-factor.ts'

const PASSWORD = 'correct horse'
const NEXT_PASSWORD = 'a longer passphrase'
/** What is secret by the story's choice. */
export const PASSWORDS = [PASSWORD, NEXT_PASSWORD]

type Call = (method: string, ...params: unknown[]) => Promise<unknown>
type Made = { readonly id: number; readonly key: string }

/** Where all the callers are: a token is good there only. */
const ADDRESS = '192.0.2.7'

/** @param example does a call on a socket, and keeps it as the method's example. */
export const tell = async (
  sockets: Sockets,
  version: Version,
  example: (peer: Peer, method: string, ...params: unknown[]) => Promise<unknown>,
): Promise<void> => {
  const { service } = sockets
  const open = () => sockets.open({ version, address: ADDRESS })
  await createTenant(
    service,
    {
      slug: 'acme',
      name: 'Acme',
      admin: { username: 'admin', fullName: 'Administrator', password: new Secret(PASSWORD) },
    },
    SERVICE,
  )
  const on =
    (peer: Peer): Call =>
    (method, ...params) =>
      example(peer, method, ...params)
  const admin = await open()
  const call = on(admin)

  await call('core.set_options', {})
  await call('auth.mechanism_choices')
  const plain = { mechanism: 'PASSWORD_PLAIN', username: 'admin@acme', password: PASSWORD }
  await call('auth.login_ex', plain)
  await call('core.ping')
  await call('core.get_services')
  await call('core.get_methods', 'core')
  await call('core.get_jobs')
  const subscription = await call('core.subscribe', 'api_key.query')
  await call('core.unsubscribe', subscription)
  await call('auth.me')

  const ada = { username: 'ada', full_name: 'Ada', roles: ['API_KEY_READ', 'API_KEY_WRITE'] }
  const { id: uid } = (await call('user.create', ada)) as Made
  await call('user.query', [['username', '=', 'ada']], { select: ['id', 'username', 'roles'] })
  await call('user.get_instance', uid)
  await call('user.update', uid, { full_name: 'Ada Lovelace' })
  await call('user.set_password', { username: 'ada', new_password: NEXT_PASSWORD })

  const key = (await call('api_key.create', {
    name: 'backup',
    username: 'ada',
    expires_at: { $date: Date.UTC(2027, 0, 1) },
  })) as Made
  await call('api_key.get_instance', key.id)
  await call('api_key.query', [['username', '=', 'ada']], {
    select: ['id', 'name', 'revoked', 'expires_at'],
    order_by: ['name'],
  })
  if (isAtLeast(version, 'v26.0.0')) await call('api_key.convert_raw_key', key.key)
  const other = await open()
  await on(other)('auth.login_with_api_key', key.key)
  await on(other)('api_key.my_keys')
  await call('api_key.last_used', [key.id])
  await call('api_key.update', key.id, { reset: true, grace_seconds: 3600 })
  await call('api_key.revoke', key.id, { reason: 'laptop lost' })
  await call('api_key.delete', key.id)

  const { token: enrolment } = (await call('device.invite', { name: 'nas-berlin' })) as {
    token: string
  }
  const facts = { model: 'TRUENAS-M40', serial: 'A1-22118', version: '26.0.0' }
  const device = (await on(await open())('device.enroll', {
    token: enrolment,
    ...facts,
  })) as Made
  const own = await open()
  await own.call('auth.login_with_api_key', device.key)
  await call('device.query', [['model', '^', 'TRUENAS']], {
    select: ['id', 'name', 'last_seen_at'],
    order_by: ['name'],
  })
  await call('device.get_instance', device.id)
  await call('device.delete', device.id)

  await call('auth.sessions', [['current', '=', true]])
  const token = await call('auth.generate_token')
  await on(await open())('auth.login_with_token', token)
  await on(await open())('auth.login', 'admin@acme', PASSWORD)
  const last = await open()
  await last.call('auth.login', 'admin@acme', PASSWORD)
  const sessions = (await admin.call('auth.sessions', [['current', '=', false]])) as {
    id: string
  }[]
  await call('auth.terminate_session', sessions.at(-1)?.id)

  const code = appOf((await call('user.renew_2fa_secret', 'ada', {})) as never, service.now)
  const confirmed = await call('user.confirm_2fa_secret', 'ada', { code: code() })
  await codeAfterPassword(await open(), on, confirmed as Confirmed)
  // Nobody logs in after it: the clock stands still, and a login of that very moment would be ended too.
  await call('auth.terminate_other_sessions')
  await call('user.unset_2fa_secret', 'ada')
  await call('user.delete', uid)
  await call('auth.logout')
}

// ---------------------------------------------------------------------------------------------

type Confirmed = { readonly recovery_codes: readonly string[] }

/** By a recovery code: the app's code of this moment was used to confirm it. */
const codeAfterPassword = async (
  peer: Peer,
  on: (peer: Peer) => Call,
  { recovery_codes: [otp_token] }: Confirmed,
): Promise<void> => {
  const login = {
    mechanism: 'PASSWORD_PLAIN',
    username: 'ada@acme',
    password: NEXT_PASSWORD,
  }
  await peer.call('auth.login_ex', login)
  await on(peer)('auth.login_ex_continue', { mechanism: 'OTP_TOKEN', otp_token })
}
