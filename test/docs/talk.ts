/** Frames that the documentation shows, sent for real. Each is recorded under a name. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { refOf } from '../../shared/domain/key.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { isAtLeast, type Version } from '../../shared/domain/versions.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import { createTenant } from '../../shared/tenants/commands.ts'
import type { Line } from '../../tools/docs/recorded.ts'
import { type Peer, type Sockets, startSockets } from '../kit/peer.ts'
import { scramLogin } from '../kit/scram.ts'
import { appOf } from '../kit/second-factor.ts'
import type { Rig } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'
import { PASSWORDS } from './story.ts'

const [PASSWORD = '', ADAS = ''] = PASSWORDS
/** Of the client: one for documentation (RFC 5737). */
const ADDRESS = '192.0.2.1'

type Made = { readonly id: number; readonly key: string }
type Show = (name: string, from: Line['from'], frame: unknown) => void

export const hold = async (rig: Rig, version: Version, show: Show): Promise<void> => {
  const sockets = startSockets(rig.service)
  const open = (proto = 'https') => sockets.open({ version, address: ADDRESS, proto })
  await foundAcme(rig)
  const admin = recorder(await open(), show)

  await admin.call('not-authenticated', 'auth.me')
  await admin.call('begin', 'core.set_options', {})
  await admin.send('notification', { jsonrpc: '2.0', method: 'core.ping' })
  await admin.send('broken-json', '{"jsonrpc": "2.0", "id": ')
  await admin.send('batch', [{ jsonrpc: '2.0', id: 1, method: 'core.ping' }])
  await admin.send('scalar', 'true')
  await admin.send('no-version', { id: 7, method: 'core.ping' })
  await admin.send('params-object', { jsonrpc: '2.0', id: 7, method: 'core.ping', params: {} })
  await admin.call('unknown-method', 'core.pong')
  const password = { mechanism: 'PASSWORD_PLAIN', username: 'admin@acme', password: PASSWORD }
  const quiet = { ...password, login_options: { user_info: false } }
  await admin.call('login-refused', 'auth.login_ex', { ...quiet, password: 'guess' })
  await admin.call('login-password', 'auth.login_ex', password)
  await admin.call('ping', 'core.ping')

  await admin.call('invalid-params', 'api_key.create', { name: '', user: 'ada' })
  await admin.call('not-found', 'api_key.get_instance', 1000000099)
  const ada = { username: 'ada', full_name: 'Ada', roles: ['API_KEY_READ'], password: ADAS }
  await admin.quiet('user.create', ada)
  const made = { name: 'backup', username: 'ada' }
  const key = (await admin.quiet('api_key.create', made)) as Made
  const until = (expires_at: unknown) =>
    ['api_key.update', key.id, { expires_at }] as [string, ...unknown[]]
  await admin.call('date', ...until({ $date: Date.UTC(2027, 0, 1) }))
  await admin.call('date-text', ...until('2027-01-01'))

  const user = recorder(await open(), show)
  const plain = { mechanism: 'API_KEY_PLAIN', username: 'ada', api_key: key.key }
  await user.call('login-key', 'auth.login_ex', { ...plain, login_options: { user_info: false } })
  await user.call('not-authorized', 'user.query')
  await tokens(await open(), show, quiet, version, open)
  await secondFactor(rig, await open(), admin, show)
  if (isAtLeast(version, 'v26.0.0')) await scram(await open(), key.key, show)
  await events(rig, sockets, admin, user, show)
  const doomed = (await admin.quiet('api_key.create', { ...made, name: 'careless' })) as Made
  const exposed = recorder(await open('http'), show)
  await exposed.call('login-plain-http', 'auth.login_ex', { ...plain, api_key: doomed.key })
}

// ---------------------------------------------------------------------------------------------

const recorder = (peer: Peer, show: Show) => {
  let id = 0
  const send = async (name: string | null, frame: unknown): Promise<unknown> => {
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame)
    if (name !== null) show(name, 'client', frame)
    const answer = await peer.raw(text)
    if (answer === null) return null
    const read = JSON.parse(answer)
    if (name !== null) show(name, 'service', read)
    return read.result
  }
  const call = (name: string | null, method: string, ...params: unknown[]) =>
    send(name, { jsonrpc: '2.0', id: ++id, method, params })
  return {
    peer,
    send: (name: string, frame: unknown) => send(name, frame),
    call: (name: string, method: string, ...params: unknown[]) => call(name, method, ...params),
    /** A call that isn't shown. */
    quiet: (method: string, ...params: unknown[]) => call(null, method, ...params),
  }
}
type Recorder = ReturnType<typeof recorder>

const foundAcme = ({ service }: Rig) =>
  createTenant(
    service,
    {
      slug: 'acme',
      name: 'Acme',
      admin: { username: 'admin', fullName: 'Administrator', password: new Secret(PASSWORD) },
    },
    SERVICE,
  )

const tokens = async (
  peer: Peer,
  show: Show,
  quiet: object,
  version: Version,
  open: () => Promise<Peer>,
): Promise<void> => {
  const first = recorder(peer, show)
  const TOKEN_PLAIN = { mechanism: 'TOKEN_PLAIN', login_options: { user_info: false } }
  await first.quiet('auth.login_ex', quiet)
  const token = await first.call('login-token', 'auth.generate_token', 300)
  await recorder(await open(), show).call('login-token', 'auth.login_ex', { ...TOKEN_PLAIN, token })
  if (!isAtLeast(version, 'v26.0.0')) return
  const login_options = { user_info: false, reconnect_token: true }
  const login = await first.call('reconnect', 'auth.login_ex', { ...quiet, login_options })
  const { reconnect_token } = login as { reconnect_token: string }
  const again = { ...TOKEN_PLAIN, token: reconnect_token, login_options }
  await recorder(await open(), show).call('reconnect', 'auth.login_ex', again)
}

const secondFactor = async ({ service }: Rig, peer: Peer, admin: Recorder, show: Show) => {
  const made = (await admin.quiet('user.renew_2fa_secret', 'ada')) as never
  const app = appOf(made, service.now)
  const confirmed = await admin.quiet('user.confirm_2fa_secret', 'ada', { code: app() })
  const [otp_token] = (confirmed as { recovery_codes: readonly string[] }).recovery_codes
  const login_options = { user_info: false }
  const ada = recorder(peer, show)
  const password = { mechanism: 'PASSWORD_PLAIN', username: 'ada@acme', password: ADAS }
  await ada.call('login-code', 'auth.login_ex', { ...password, login_options })
  const code = { mechanism: 'OTP_TOKEN', otp_token, login_options }
  await ada.call('login-code', 'auth.login_ex', code)
}

const scram = async (peer: Peer, raw: string, show: Show): Promise<void> => {
  const ada = recorder(peer, show)
  const call = (method: string, ...params: unknown[]) => ada.call('login-scram', method, ...params)
  const { serverProven } = await scramLogin(call as never, { username: 'ada', raw })
  if (!serverProven) throw new Error('the service did not prove itself')
}

/** A subscriber hears of a key's life, and of the end of its own session. */
const events = async (
  rig: Rig,
  sockets: Sockets,
  admin: Recorder,
  listener: Recorder,
  show: Show,
): Promise<void> => {
  await listener.call('subscribe', 'core.subscribe', 'api_key.query')
  const told = async (
    name: string,
    id: number,
    act: () => Promise<unknown>,
    collection = 'api_key.query',
  ) => {
    const ref = refOf(id)
    if (ref === null) throw new Error(`${id} is no key's id`)
    const key = itemKey.key(ref)
    const before = await itemAt(rig.table, key)
    await act()
    sockets.pushed.length = 0
    await streamed(sockets.service, { key, before, after: await itemAt(rig.table, key) })
    for (const { frame } of sockets.pushed)
      if ((frame.params as { collection: string }).collection === collection)
        show(name, 'service', frame)
  }
  // Numbers are counted up: the next key's is known.
  const { id: last } = (await admin.quiet('api_key.create', { name: 'a', username: 'ada' })) as Made
  const id = last + 1
  const nas = { name: 'nas-01', username: 'ada' }
  await told('added', id, () => admin.quiet('api_key.create', nas))
  await told('changed', id, () => admin.quiet('api_key.revoke', id, { reason: 'laptop lost' }))
  await told('removed', id, () => admin.quiet('api_key.delete', id))
  const devices = await listener.quiet('core.subscribe', 'device.query')
  const { token } = (await admin.quiet('device.invite')) as { token: string }
  const device = { token, name: 'nas-berlin', model: 'TRUENAS-M40', serial: 'A1-22118' }
  const enrol = () => admin.quiet('device.enroll', device)
  await told('device-added', id + 1, enrol, 'device.query')
  await listener.quiet('core.unsubscribe', devices)
  sockets.pushed.length = 0
  const sessions = (await admin.quiet('auth.sessions', [
    ['credentials_data.username', '=', 'ada'],
    ['credentials', '=', 'API_KEY'],
  ])) as { id: string }[]
  for (const session of sessions) await admin.quiet('auth.terminate_session', session.id)
  for (const { connection, frame } of sockets.pushed)
    if (connection === listener.peer.id) show('unsubscribed', 'service', frame)
}

const client = () => new DynamoDBClient({})

const itemAt = async (table: string, key: { pk: string; sk: string }) => {
  const { Item } = await client().send(
    new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }),
  )
  return Item === undefined ? null : unmarshall(Item)
}
