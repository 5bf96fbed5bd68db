/** Logging in by a key. */
import { randomUUID } from 'node:crypto'
import { toFacts } from '../crypto/salt.ts'
import { Fault } from '../domain/fault.ts'
import { parseLoginName } from '../domain/names.ts'
import { attempts } from '../domain/retry.ts'
import type { Secret } from '../domain/secret.ts'
import { checkKey, shownOf } from '../keys/check.ts'
import { revokeIfExposed } from '../keys/revoke.ts'
import { keyBy, secretsOf } from '../keys/rules.ts'
import { noteSeen } from '../keys/seen.ts'
import type { Parts } from '../parts.ts'
import type { CheckedKey } from '../store/key-items.ts'
import { abandonPending, counted, type Login, openSession, type Peer, REFUSED } from './login.ts'
import { LOGIN_MS } from './session.ts'

/** How often a login is judged anew when its key changes while it is written. */
const TRIES = 4

/** `API_KEY_PLAIN`. @param name the owner's, `user` or `user@tenant`; null where a client sends none. */
export const loginWithKey = counted(async (peer, raw: Secret, name: string | null) => {
  await abandonPending(peer)
  for await (const _ of attempts({ tries: TRIES })) {
    const verdict = await checkKey(peer.service, raw.reveal())
    if (verdict.state === 'unknown') return REFUSED
    const exposed = await revokeIfExposed(peer.service, verdict, peer.connection)
    // The name is compared after the secret is proven, so that a stranger's costs no read.
    if (name !== null && !(await isOwnedBy(peer.service, verdict.key, name))) return REFUSED
    if (exposed || verdict.state === 'expired') return { outcome: 'EXPIRED' }
    if (verdict.state !== 'active') return REFUSED
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

// ---------------------------------------------------------------------------------------------

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
