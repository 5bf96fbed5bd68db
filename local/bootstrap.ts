/**
 * The first start: tenant `demo`, its administrator with a FULL_ADMIN key, a device with a
 * KEY_VALIDATE key; made through the public API, like any operator would. What it made is in
 * `bootstrap.json`. Each step can be repeated: a start that was killed goes on where it stopped.
 */
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBase62 } from '../shared/crypto/random.ts'
import { connect, http, type Rpc, RpcError } from './client.ts'
import { writeDurably } from './durable.ts'
import { UserError } from './user-error.ts'

/** `bootstrap.json`, as programs read it. */
export type Bootstrap = {
  readonly https: string
  readonly wss: string
  readonly http: string
  readonly ws: string
  /** Path of the certificate to trust. */
  readonly ca: string
  readonly tenant: string
  readonly username: string
  readonly password: string
  /** A key of `username`, with role FULL_ADMIN. */
  readonly apiKey: string
  /** A key that may ask whether keys are good (role KEY_VALIDATE). */
  readonly device: { readonly username: string; readonly apiKey: string }
  /** For `/v1/tenants`; made anew at each start, good for 30 days. */
  readonly operatorToken: string
}

export type Started = {
  /** The data folder. */
  readonly data: string
  readonly urls: Pick<Bootstrap, 'https' | 'wss' | 'http' | 'ws'>
  readonly ca: string
  readonly operator: { token(): Promise<string> }
}

const TENANT = 'demo'
const ADMIN = 'admin'
const DEVICE = 'device'

export const bootstrap = async ({ data, urls, ca, operator }: Started): Promise<Bootstrap> => {
  const file = join(data, 'bootstrap.json')
  // Until all is made, what there is stands beside: who sees bootstrap.json can rely on it.
  const draft = `${file}.part`
  const before = (await readJson(file)) ?? (await readJson(draft))
  const operatorToken = await operator.token()
  const pem = await readFile(ca, 'utf8')
  const password: string = before?.password ?? randomBase62(24)
  const known = { ...urls, ca, tenant: TENANT, username: ADMIN, password }
  const write = (path: string, rest: object): Promise<void> =>
    writeDurably(path, `${JSON.stringify({ ...known, ...rest, operatorToken }, null, 2)}\n`)

  if (await tenantExists(urls.https, pem, operatorToken)) {
    if (before?.apiKey && before.device) {
      await write(file, { apiKey: before.apiKey, device: before.device })
      return { ...known, apiKey: before.apiKey, device: before.device, operatorToken }
    }
  } else {
    // The password is on disk before it is anybody's: a kill in between locks nobody out.
    await write(draft, {})
    await createTenant(urls.https, pem, operatorToken, password)
  }
  const rpc = await connect(urls.wss, { ca: pem })
  try {
    const login = { mechanism: 'PASSWORD_PLAIN', username: `${ADMIN}@${TENANT}`, password }
    const answer = await rpc.call<{ response_type: string }>('auth.login_ex', login)
    if (answer.response_type !== 'SUCCESS')
      throw new UserError(
        `${file} doesn't have the password of ${ADMIN}@${TENANT}; restore it, or start with another data folder (KEYHARBOR_DATA)`,
      )
    const apiKey = await ensureKey(rpc, ADMIN, ADMIN)
    await ensureDevice(rpc)
    const device = { username: DEVICE, apiKey: await ensureKey(rpc, DEVICE, DEVICE) }
    await write(file, { apiKey, device })
    await rm(draft, { force: true })
    return { ...known, apiKey, device, operatorToken }
  } finally {
    rpc.close()
  }
}

// ---------------------------------------------------------------------------------------------

const readJson = async (path: string): Promise<Partial<Bootstrap> | null> => {
  if (!existsSync(path)) return null
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new UserError(
      `${path} is damaged; restore it, or delete it and start with another data folder (KEYHARBOR_DATA)`,
      { cause },
    )
  }
}

const tenantExists = async (https: string, ca: string, bearer: string): Promise<boolean> => {
  const reply = await http(`${https}/v1/tenants`, { ca, bearer })
  if (reply.status !== 200)
    throw new Error(`GET /v1/tenants answered ${reply.status}: ${reply.text}`)
  const { tenants } = reply.json() as { tenants: { slug: string }[] }
  return tenants.some(({ slug }) => slug === TENANT)
}

const createTenant = async (https: string, ca: string, bearer: string, password: string) => {
  const body = { slug: TENANT, name: 'Demo', admin: { username: ADMIN, password } }
  const reply = await http(`${https}/v1/tenants`, { ca, bearer, method: 'POST', body })
  if (reply.status !== 201)
    throw new Error(`POST /v1/tenants answered ${reply.status}: ${reply.text}`)
}

/** A user's key of this name: made, or reset if an interrupted start made it and lost the secret. */
const ensureKey = async (rpc: Rpc, name: string, username: string): Promise<string> => {
  const [found] = await rpc.call<{ id: number }[]>('api_key.query', [['name', '=', name]])
  const { key } = found
    ? await rpc.call<{ key: string }>('api_key.update', found.id, { reset: true })
    : await rpc.call<{ key: string }>('api_key.create', { name, username })
  return key
}

const ensureDevice = async (rpc: Rpc): Promise<void> => {
  try {
    await rpc.call('user.create', {
      username: DEVICE,
      full_name: 'Devices that check keys',
      roles: ['KEY_VALIDATE'],
    })
  } catch (error) {
    if (!(error instanceof RpcError) || !error.message.includes('already exists')) throw error
  }
}
