/** Logging in by password, and by a code of the second factor where the user has one. */
import { randomUUID } from 'node:crypto'
import { afterCode } from '../crypto/second-factor.ts'
import { Fault } from '../domain/fault.ts'
import { countedName, parseLoginName, SLUG } from '../domain/names.ts'
import type { Secret } from '../domain/secret.ts'
import { byProof } from '../store/audit.ts'
import type { User } from '../store/user-items.ts'
import { abandonPending, counted, type Login, openSession, type Peer, REFUSED } from './login.ts'
import { judgePassword } from './proof.ts'
import { LOGIN_MS, rightsOf } from './session.ts'
import { beginTry, type Named, noTenant, type Try } from './tries.ts'

/** How long a right password waits for its second factor. */
const OTP_MS = 5 * 60_000
const OTP_TRIES = 3

/** `PASSWORD_PLAIN`. @param name `user`, or `user@tenant`. @throws Fault RATE_LIMITED */
export const loginWithPassword = counted(async (peer, name: string, password: Secret) => {
  const { service, connection } = peer
  await abandonPending(peer)
  const named = await findAccount(peer, name)
  const { attempt, right } = await judgePassword(service, named, password, connection.address)
  const { user } = named
  if (!right || user === null || user.locked || user.deleted) return REFUSED
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
    return REFUSED
  }
  const take = await beginTry(service, { account, user, tries }, connection.address)
  // The attempt is used up before it is judged, so that calls at the same time get no more attempts.
  const again = how.mayRetry && pending.wrong + 1 < OTP_TRIES
  const next = again ? { ...pending, wrong: pending.wrong + 1 } : null
  if (!(await service.connections.usePending(connection.id, pending, next))) return REFUSED
  const attempt = await take()
  if (await proveCode(peer, user, code))
    return settled(attempt, await openUserSession(peer, user, 'LOGIN_TWOFACTOR'))
  if (!again) return REFUSED
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
  return session === null ? REFUSED : { outcome: 'SUCCESS', session }
}
