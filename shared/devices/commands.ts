/**
 * How devices get their keys. An administrator makes a token; the device that brings it gets a key of its own,
 * and the token is used up by the same transaction. The keys of all devices belong to one user of the tenant
 * (`device-user.ts`).
 */
import { randomBytes } from 'node:crypto'
import { Fault, invalid } from '../domain/fault.ts'
import { DEVICES } from '../domain/names.ts'
import { covers, DEVICE_ROLE } from '../domain/roles.ts'
import { Secret } from '../domain/secret.ts'
import { createKey, type IssuedKey } from '../keys/create.ts'
import type { Parts } from '../parts.ts'
import { authorityOnce, liveNow } from '../sessions/authority.ts'
import type { LiveSession } from '../sessions/session.ts'
import { type Actor, byProof } from '../store/audit.ts'
import { stored } from '../store/copies.ts'
import type { DeviceFacts, Invitation } from '../store/devices.ts'
import { doOnce, type Once, shownBefore } from '../store/once.ts'
import { deviceUser, ensureDeviceUser } from '../users/device-user.ts'

/** Roles that the inviter must hold, at the invitation and at the enrolment. */
export const INVITING = ['API_KEY_WRITE', DEVICE_ROLE] as const

/** Invitations of one tenant in an hour of the clock. A token lives a week at the most, so that bounds the open ones
 * too. */
export const INVITATIONS_AN_HOUR = 1000

export type NewInvitation = {
  readonly session: LiveSession
  readonly name: string | null
  /** How long it is good, in seconds. */
  readonly ttl: number
  readonly once?: Once | undefined
}
/** How a device or an administrator is connected. */
type RequestOrigin = { readonly address: string; readonly secure: boolean }

/** Makes an enrolment token: the tenant's number, so that it can be found, and 32 random bytes.
 * @throws Fault NOT_ENCRYPTED over a connection in clear, INVALID for a name that is taken, the device's or
 * that of the devices' user; TOO_MANY_INVITATIONS. */
export const invite = async (
  service: Pick<Parts, 'devices' | 'env' | 'keys' | 'now' | 'tenants' | 'users'>,
  { session: maker, name, ttl, once }: NewInvitation,
  { actor, secure }: { readonly actor: Actor; readonly secure: boolean },
): Promise<{ token: Secret; until: number }> => {
  if (isHeard(service, secure)) throw new Fault('NOT_ENCRYPTED')
  const session = stored(maker)
  const { tenant } = session
  if (name !== null && (await service.keys.nameTaken(tenant, name)) !== null)
    throw invalid(['device_invite', 'name must be unique'])
  await ensureDeviceUser(service, tenant, actor)
  const at = service.now()
  // Counted before it is made, so that one that fails counts, too.
  if (!(await service.devices.mayInvite(tenant, at, INVITATIONS_AN_HOUR)))
    throw new Fault('TOO_MANY_INVITATIONS', { most: INVITATIONS_AN_HOUR })
  const token = new Secret(`${tenant}.${randomBytes(32).toString('base64url')}`)
  const until = at + ttl * 1000
  const facts = { session, name, until }
  const conflict = await service.devices.invite(token.reveal(), facts, { at, actor, once })
  if (conflict !== null) throw new Fault('UNAVAILABLE')
  return { token, until }
}

type Enrolling = Parameters<typeof createKey>[0] &
  Pick<Parts, 'connections' | 'copies' | 'devices' | 'env' | 'once' | 'passwords'>

export type Asked = {
  readonly token: Secret
  /** Null where the invitation says it. */
  readonly name: string | null
  readonly facts: DeviceFacts
  readonly idempotencyKey: string | null
}

/**
 * Gives a device its key. @throws Fault ENROLMENT_REFUSED for a token that is unknown, expired or used, or whose
 * maker may not invite any more, or where another user has the name of the devices' one; NOT_ENCRYPTED over a
 * connection in clear, which ends the token; INVALID for a name that is missing, taken, or another than the
 * invitation's: the token stays good.
 */
export const enroll = async (
  service: Enrolling,
  asked: Asked,
  way: RequestOrigin,
): Promise<IssuedKey> => {
  const { token, name, facts, idempotencyKey } = asked
  const text = token.reveal()
  const tenant = tenantOf(text)
  // A token that is sent in clear ends, repeated or not.
  if (tenant === null || isHeard(service, way.secure)) return enrollNow(service, asked, way)
  return doOnce(
    service,
    {
      idempotencyKey,
      tenant,
      credential: `token ${text}`,
      method: 'device.enroll',
      params: { name, ...facts },
    },
    (once) => enrollNow(service, asked, way, once),
    ({ subject }) => {
      throw shownBefore(
        `The device was enrolled, as ${subject},`,
        'let an administrator delete that device and make another token.',
        Number(subject),
      )
    },
  )
}

// ---------------------------------------------------------------------------------------------

const enrollNow = async (
  service: Enrolling,
  { token, name, facts }: Asked,
  { address, secure }: RequestOrigin,
  once?: Once,
): Promise<IssuedKey> => {
  const who = byProof({ username: DEVICES, keyId: null, address })
  const text = token.reveal()
  const tenant = tenantOf(text)
  const found = tenant === null ? null : await service.devices.invitation(tenant, text)
  if (isHeard(service, secure)) {
    // An eavesdropper has it too, and might be quicker.
    if (found !== null) await service.devices.expose(text, found, service.now(), who)
    throw new Fault('NOT_ENCRYPTED')
  }
  if (tenant === null || found === null) throw refused()
  const invitation = found
  const maker = await liveNow(service, invitation.session)
  if (invitation.until <= service.now() || maker === null || !covers(maker.roles, INVITING))
    throw refused()
  // The invitation ends with what its maker was logged in by, also at the moment when the key is made.
  const authority = authorityOnce(service, { ...maker, roles: INVITING }, refused)
  const chosen = nameOf(invitation, name)
  if ((await service.keys.nameTaken(tenant, chosen)) !== null)
    throw invalid(['device_enroll', 'name must be unique'])
  const owner = await deviceUser(service, tenant)
  // Only for invitations from before the name was reserved: the next one makes the user, or says what is wrong.
  if (owner === null) throw refused()
  return createKey(service, {
    tenant,
    name: chosen,
    expires: null,
    owner,
    actor: { ...who, authority },
    once,
    enrolment: { token: text, facts, from: address, by: invitation.session.username },
  })
}

const refused = () => new Fault('ENROLMENT_REFUSED')

/** Whether others on the way can read what is sent. */
const isHeard = ({ env }: Pick<Parts, 'env'>, secure: boolean): boolean =>
  !secure && !env.KEYHARBOR_ALLOW_INSECURE

/** @returns null for what can't be a token: it costs no read. */
const tenantOf = (token: string): number | null => {
  const [, digits] = /^([1-9][0-9]{0,6})\.[A-Za-z0-9_-]{43}$/.exec(token) ?? []
  return digits === undefined ? null : Number(digits)
}

const nameOf = (invitation: Invitation, asked: string | null): string => {
  const name = invitation.name ?? asked
  if (name === null) throw invalid(['device_enroll.name', 'The token names no device: give a name'])
  if (asked !== null && asked !== name)
    throw invalid(['device_enroll.name', 'The token is for a device of another name'])
  return name
}
