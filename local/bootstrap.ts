/**
 * The first start: tenant `demo`, its administrator with a FULL_ADMIN key, a device with a
 * KEY_VALIDATE key; made through the public API, like any operator would. What it made is in
 * `bootstrap.json`, which later starts write again. Each step can be repeated: a start that was killed goes on where it stopped.
 */
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBase62 } from '../shared/crypto/random.ts'
import { given } from '../shared/domain/given.ts'
import { connect, http, type Rpc, RpcError } from './client.ts'
import { readIfThere, writeDurably } from './durable.ts'

/** `bootstrap.json`, as programs read it. Where it was lost, the password and the keys that stood there are nowhere else: it
 * is written without them then, and says so in a member `note`. */
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

/** A user and their new password. */
export type NewPassword = Pick<Bootstrap, 'username' | 'password'>

export type Started = {
  /** The data folder. */
  readonly data: string
  readonly urls: Pick<Bootstrap, 'https' | 'wss' | 'http' | 'ws'>
  readonly ca: string
  readonly operator: { token(): Promise<string> }
  /** The administrator's new password, if they were given one. */
  readonly reset?: NewPassword | null
  /** Told what the person should know, a sentence at a time. */
  readonly note?: (text: string) => void
}

/** What a later start can't know by itself. */
type Kept = Partial<Pick<Bootstrap, 'username' | 'password' | 'apiKey' | 'device'>>

/** The tenant of the first start. */
export const TENANT = 'demo'
const ADMIN = 'admin'
const DEVICE = 'device'

/** Makes what isn't there, and writes `bootstrap.json`. */
export const bootstrap = async (started: Started): Promise<void> => {
  const { data, urls, ca, operator, reset, note = () => {} } = started
  const file = join(data, 'bootstrap.json')
  // Until all is made, what there is stands beside: who sees bootstrap.json can rely on it.
  const draft = `${file}.part`
  const before = await readJson(file)
  const begun = await readJson(draft)
  const operatorToken = await operator.token()
  const pem = await readFile(ca, 'utf8')
  const write = (path: string, secrets: Partial<Bootstrap> & { note?: string }): Promise<void> => {
    const shown = { ...urls, ca, tenant: TENANT, username: ADMIN, ...secrets, operatorToken }
    return writeDurably(path, `${JSON.stringify(shown, null, 2)}\n`)
  }
  /** Writes what is known of a service that was there before. */
  const writeAgain = async (): Promise<void> => {
    const { username, password, apiKey, device } = { ...before, ...reset }
    const known = given<Kept>({ username, password, apiKey, device })
    const lost = lostOf(known)
    await keepDamaged(file, before)
    await write(file, { ...known, ...(lost && { note: lost }) })
    await rm(draft, { force: true })
    if (lost) note(`${file} was written again. ${lost}`)
  }

  const password = begun?.password ?? before?.password ?? randomBase62(24)
  if (!(await tenantExists(urls.https, pem, operatorToken))) {
    // The password is on disk before it is anybody's: a kill in between locks nobody out.
    await write(draft, { password })
    await createTenant(urls.https, pem, operatorToken, password)
  } else if (before !== null || begun?.password === undefined || reset) return writeAgain()
  const rpc = await connect(urls.wss, { ca: pem })
  try {
    const login = { mechanism: 'PASSWORD_PLAIN', username: `${ADMIN}@${TENANT}`, password }
    const answer = await rpc.call<{ response_type: string }>('auth.login_ex', login)
    // Changed since by who had a start that was cut short.
    if (answer.response_type !== 'SUCCESS') return writeAgain()
    const apiKey = await ensureKey(rpc, ADMIN, ADMIN)
    await ensureDevice(rpc)
    const device = { username: DEVICE, apiKey: await ensureKey(rpc, DEVICE, DEVICE) }
    await keepDamaged(file, before)
    await write(file, { password, apiKey, device })
    await rm(draft, { force: true })
  } finally {
    rpc.close()
  }
}

// ---------------------------------------------------------------------------------------------

/** Says so where text isn't text any more. */
const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** @returns null where there is none, or none that can be read. */
const readJson = async (path: string): Promise<Partial<Bootstrap> | null> => {
  try {
    const text = UTF8.decode((await readIfThere(path)) ?? undefined)
    const parsed = JSON.parse(text)
    return typeof parsed === 'object' ? parsed : null
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null
    throw error
  }
}

/** Of a file that was cut off a person may still read something. */
const keepDamaged = async (file: string, readable: unknown): Promise<void> => {
  if (readable === null && (await readIfThere(file))?.length) await rename(file, `${file}.damaged`)
}

/** What a person must know of secrets that can't be read any more; null: all are there. */
const lostOf = (known: Kept): string | null => {
  const lost = [
    ...(known.password === undefined ? ['the password'] : []),
    ...(known.apiKey === undefined || known.device === undefined ? ['the keys'] : []),
  ]
  if (lost.length === 0) return null
  const mend = known.password === undefined ? 'npm start -- --reset-admin' : 'the portal'
  return `It lacks ${lost.join(' and ')} that it had: nobody can read them any more, but they are good as before. ${mend} gives ${known.password === undefined ? 'a new password' : 'new keys'}.`
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
