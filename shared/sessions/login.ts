/**
 * Logging in on a connection (docs/protocol/login.md §3.2): by key, by password and second factor. A refusal is an
 * answer, and says no more than AUTH_ERR unless the secret was proven.
 */
import { randomUUID } from 'node:crypto'
import { toFacts } from '../crypto/salt.ts'
import { afterCode } from '../crypto/second-factor.ts'
import { Fault } from '../domain/fault.ts'
import { countedName, parseLoginName, SLUG } from '../domain/names.ts'
import { attempts } from '../domain/retry.ts'
import type { Secret } from '../domain/secret.ts'
import { checkKey, shownOf } from '../keys/check.ts'
import { revokeIfExposed } from '../keys/revoke.ts'
import { keyBy, secretsOf } from '../keys/rules.ts'
import { noteSeen } from '../keys/seen.ts'
import type { Parts } from '../parts.ts'
import { byProof } from '../store/audit.ts'
import type { CheckedKey } from '../store/key-items.ts'
import type { User } from '../store/users.ts'
import { counted, type Login, type Peer } from './counted.ts'
import { judgePassword } from './judge-password.ts'
import { openSession } from './open.ts'
import { LOGIN_MS, rightsOf } from './session.ts'
import { beginTry, type Named, noTenant, type Try } from './tries.ts'

const refused: Login = { outcome: 'AUTH_ERR' }

/** How often a login is judged anew when its key or user changes while it is written. */
const TRIES = 4
/** How long a right password waits for its second factor. */
const OTP_MS = 5 * 60_000
const OTP_TRIES = 3

/** `API_KEY_PLAIN`. @param name the owner's, `user` or `user@tenant`; null where a client sends none. */
export const loginWithKey = counted(async (peer, raw: Secret, name: string | null) => {
  await abandonPending(peer)
  for await (const _ of attempts({ tries: TRIES })) {
    const verdict = await checkKey(peer.service, raw.reveal())
    if (verdict.state === 'unknown') return refused
    const exposed = await revokeIfExposed(peer.service, verdict, peer.connection)
    // The name is compared after the secret is proven, so that a stranger's costs no read.
    if (name !== null && !(await isOwnedBy(peer.service, verdict.key, name))) return refused
    if (exposed || verdict.state === 'expired') return { outcome: 'EXPIRED' }
    if (verdict.state !== 'active') return refused
    const login = await openKeySession(peer, verdict.key, verdict.generation, false)
    if (login !== null) return login
  }
  throw new Fault('UNAVAILABLE')
})

/** Opens a session for a key whose secret was proven. @returns null if the key changed meanwhile. */
export const openKeySession = async (
  peer: Peer,
  key: CheckedKey,
  generation: number,
  scram: boolean,
): Promise<Login | null> => {
  const { service } = peer
  const secret = secretsOf(key, service.now()).find((one) => one.generation === generation)
  // Its grace period has ended since the proof.
  if (secret === undefined) return null
  if (keyBy(key, secret).roles.length === 0) return { outcome: 'DENIED' }
  const now = service.now()
  const session = await openSession(peer, {
    id: randomUUID(),
    tenant: key.tenant,
    uid: key.uid,
    username: key.username ?? '',
    credentials: 'API_KEY',
    parent: null,
    scram,
    key: { n: key.n, name: key.name, generation },
    passwordVersion: 0,
    loginAt: now,
    ends: now + LOGIN_MS,
    ...(key.device && { device: key.device }),
  })
  if (session === null) return null
  await noteUse(service, key)
  if (key.scram === null) await keepShown(service, key)
  await noteSeen(service, key)
  return { outcome: 'SUCCESS', session }
}

/** `PASSWORD_PLAIN`. @param name `user`, or `user@tenant`. @throws Fault RATE_LIMITED */
export const loginWithPassword = counted(async (peer, name: string, password: Secret) => {
  const { service, connection } = peer
  await abandonPending(peer)
  const named = await findAccount(peer, name)
  const { attempt, right } = await judgePassword(service, named, password, connection.address)
  const { user } = named
  if (!right || user === null || user.locked || user.deleted) return refused
  if (user.secondFactor === null)
    return settled(attempt, await openUserSession(peer, user, 'LOGIN_PASSWORD'))
  // The password was right, and a wrong code counts as a try of its own.
  await attempt.giveBack()
  const { tenant, username, uid, passwordVersion } = user
  const until = service.now() + OTP_MS
  const pending = { tenant, username, uid, passwordVersion, wrong: 0, until }
  await service.connections.setPending(connection, pending)
  return { outcome: 'OTP_REQUIRED', username: name }
})

/** `OTP_TOKEN`. @throws Fault NO_OTP_PENDING without a password login that waits for it, RATE_LIMITED. */
export const loginWithCode = counted(async (peer, code: Secret, how: { mayRetry: boolean }) => {
  const { service, connection } = peer
  const { pending } = connection
  if (pending === null || pending.until <= service.now()) throw new Fault('NO_OTP_PENDING')
  const account = { tenant: pending.tenant, username: pending.username }
  const { user, tries } = await service.tries.read(account)
  const same = user?.uid === pending.uid && user.passwordVersion === pending.passwordVersion
  if (user === null || !same || user.locked) {
    await service.connections.setPending(connection, null)
    return refused
  }
  const take = await beginTry(service, { account, user, tries }, connection.address)
  // The attempt is used up before it is judged, so that calls at the same time get no more attempts.
  const again = how.mayRetry && pending.wrong + 1 < OTP_TRIES
  const next = again ? { ...pending, wrong: pending.wrong + 1 } : null
  if (!(await service.connections.usePending(connection.id, pending, next))) return refused
  const attempt = await take()
  if (await proveCode(peer, user, code))
    return settled(attempt, await openUserSession(peer, user, 'LOGIN_TWOFACTOR'))
  if (!again) return refused
  service.metrics.add('LoginFailed')
  return { outcome: 'OTP_REQUIRED', username: user.username }
})

/** Checks a code and uses it up: none is good twice. */
const proveCode = async (
  { service, connection }: Peer,
  user: User,
  code: Secret,
): Promise<boolean> => {
  const { tenant, username, secondFactor } = user
  if (secondFactor === null) return false
  const at = service.now()
  const keys = await service.vault.keys(tenant, secondFactor.dataKey)
  const after = keys && afterCode(user, secondFactor, keys, code, at)
  if (after === null) return false
  const actor = byProof({ username, keyId: null, address: connection.address })
  return service.users.useCode(user, after, { at, actor })
}

/** The account that a login name means: tenant behind the `@`, else the host's first label, else the
 * default tenant. A name that is nobody's is read and counted like one that is. */
const findAccount = async ({ service, connection }: Peer, name: string): Promise<Named> => {
  const { username: given, slug } = parseLoginName(name)
  const username = countedName(given)
  const slugs =
    slug === null ? [connection.hostLabel, service.env.KEYHARBOR_DEFAULT_TENANT] : [slug]
  for (const one of slugs) {
    const tenant = one && SLUG.test(one) ? await service.tenants.bySlug(one) : null
    if (tenant === null) continue
    const account = { tenant, username }
    return { account, ...(await service.tries.read(account)) }
  }
  const none = await noTenant(service, slug ?? connection.hostLabel)
  const nobody = { tenant: 0, username, nobody: none }
  return { account: nobody, ...(await service.tries.read(nobody)) }
}

// ---------------------------------------------------------------------------------------------

/** A login whose password and code were right. */
const settled = async (attempt: Try, login: Login): Promise<Login> => {
  if (login.outcome === 'SUCCESS') await attempt.succeeded()
  if (login.outcome === 'DENIED') await attempt.giveBack()
  return login
}

/** Any other login ends one that waits for its second factor (docs/protocol/login.md §3.2). */
export const abandonPending = async ({ service, connection }: Peer): Promise<void> => {
  if (connection.pending !== null) await service.connections.setPending(connection, null)
}

/** True if a login name means the key's user: by the user alone, or with the key's own tenant. */
const isOwnedBy = async (
  { tenants }: Pick<Parts, 'tenants'>,
  key: CheckedKey,
  name: string,
): Promise<boolean> => {
  const { username, slug } = parseLoginName(name)
  if (key.username !== username) return false
  return slug === null || slug === (await tenants.slugOf(key.tenant))
}

/** Notes a key's use. A failure doesn't fail the login, which is done. */
const noteUse = async (
  { keys, now, log }: Pick<Parts, 'keys' | 'now' | 'log'>,
  key: CheckedKey,
): Promise<void> => {
  try {
    await keys.used(key, now())
  } catch (error) {
    log.error("a key's use could not be noted", error, { key: key.id })
  }
}

/** Stores an older key's salt and rounds in clear, so that its first messages open no sealed secret any more. */
const keepShown = async (
  { keys, vault, log }: Pick<Parts, 'keys' | 'vault' | 'log'>,
  key: CheckedKey,
): Promise<void> => {
  try {
    const shown = await shownOf(vault, key)
    if (shown !== null) await keys.keepScram(key, toFacts(shown))
  } catch (error) {
    log.error("a key's SCRAM salt could not be put in clear", error, { key: key.id })
  }
}

const openUserSession = async (
  peer: Peer,
  user: User,
  credentials: 'LOGIN_PASSWORD' | 'LOGIN_TWOFACTOR',
): Promise<Login> => {
  if (rightsOf(user).roles.length === 0) return { outcome: 'DENIED' }
  const now = peer.service.now()
  const session = await openSession(peer, {
    id: randomUUID(),
    tenant: user.tenant,
    uid: user.uid,
    username: user.username,
    credentials,
    parent: null,
    scram: false,
    key: null,
    passwordVersion: user.passwordVersion,
    loginAt: now,
    ends: now + LOGIN_MS,
  })
  // Locked or deleted since the password was checked: refused as if before.
  return session === null ? refused : { outcome: 'SUCCESS', session }
}
