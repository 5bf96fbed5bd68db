/**
 * From a change in the table to everybody whom it concerns: subscribers are told of keys, and the sockets of a key or
 * user that ended are told and closed. A record may come twice, late or after newer ones: what is sent follows from the
 * record, what is closed from the table.
 */
import { atOnce } from '../domain/at-once.ts'
import { collectionsOf } from '../domain/events.ts'
import { FAULTS, Fault, type FaultCode } from '../domain/fault.ts'
import { dataOf, notification } from '../rpc/frame.ts'
import { type LiveSession, resolveSession } from '../sessions/session.ts'
import type { Session } from '../store/connection-items.ts'
import { type Heard, heardAs, heldByKey, principalOf } from '../store/item-keys.ts'
import { checkedRef, listedRef, userRef } from '../store/item-refs.ts'
import type { ListedSession, Some } from '../store/sessions.ts'
import { toUser, type User } from '../store/user-items.ts'
import type { Item, ItemKey } from '../store/write.ts'
import { isDeviceUser } from '../users/device-user.ts'
import { type Telling, tellOfKey } from './tell.ts'

/** One change of one item. `before` or `after` is null where the item was added or deleted. */
export type Change = {
  readonly key: ItemKey
  readonly before: Item | null
  readonly after: Item | null
}

export const fanOut = async (service: Telling, change: Change): Promise<void> => {
  const kind = heardAs(change.key)
  if (kind !== null) await ACT_ON[kind](service, change)
}

// ---------------------------------------------------------------------------------------------

const ACT_ON: Readonly<Record<Heard, (service: Telling, change: Change) => Promise<void>>> = {
  async listed(service, change) {
    const ref = listedRef(change.key)
    if (ref !== null) await tellOfKey(service, ref.tenant, change)
  },

  async checked(service, { key, before }) {
    const ref = checkedRef(key)
    if (ref === null || before === null) return
    const { tenant, n } = ref
    const { uid, device } = before
    const of = { principal: principalOf({ uid, n, device }), holder: heldByKey(n) }
    await endSessions(service, sessionsOf(service, tenant, of, { n }))
  },

  async user(service, { key, before, after }) {
    const user = userRef(key)
    if (user === null || before === null || !authorityChanged(before, after)) return
    const { tenant } = user
    const of = { principal: principalOf(before as User) }
    await endSessions(service, sessionsOf(service, tenant, of, before as User))
    // Devices' sessions aren't listed under their user, and the lock, which the gate holds, changes none of their keys.
    if (after?.locked && isDeviceUser(toUser(after, tenant)))
      await endSessions(service, service.sessions.ofDevices(tenant))
  },
}

/** Pushes under way at a time. */
const AT_ONCE = 16

/** Whether a change of a user can end a session or take an event from it. */
const authorityChanged = (before: Item, after: Item | null): boolean =>
  after === null ||
  before.version !== after.version ||
  before.passwordVersion !== after.passwordVersion

async function* sessionsOf(
  { sessions }: Telling,
  tenant: number,
  some: Some,
  holderBefore: { n: number } | { uid: number },
): AsyncGenerator<ListedSession> {
  yield* sessions.of(tenant, some)
  yield* sessions.before(tenant, holderBefore)
}

/** Tells and closes the sockets of those sessions that don't hold any more. A closed one isn't listed any more, so a
 * repeat completes a run that was cut short. */
const endSessions = async (
  service: Telling,
  sessions: AsyncIterable<ListedSession>,
): Promise<void> => {
  const failures: unknown[] = []
  await atOnce(sessions, AT_ONCE, async ({ connection, session, ended }) => {
    try {
      const { holder, gate } = await service.connections.held(session)
      const now = resolveSession(session, holder, gate, service.now())
      if (now === null || ended) await endSocket(service, connection, session)
      else await dropSubscriptions(service, connection, now)
    } catch (error) {
      failures.push(error)
    }
  })
  // All were tried; the record comes again for those that failed.
  if (failures.length > 0) throw failures[0]
}

/** Ends the subscriptions that a session's present roles don't allow. */
const dropSubscriptions = async (
  service: Telling,
  id: string,
  session: LiveSession,
): Promise<void> => {
  const connection = await service.connections.get(id)
  if (connection?.session?.id !== session.id) return
  const allowed = new Set(collectionsOf('*', session.roles).map(({ name }) => name))
  const lost = Object.values(connection.subscriptions).filter((name) => !allowed.has(name))
  await service.connections.unsubscribe(connection, session, (_, name) => !allowed.has(name), null)
  for (const collection of lost)
    await service.push.send(id, unsubscribed(collection, 'NOT_AUTHORIZED'))
}

/** Ends a connection's subscriptions, then the connection. Close code 1008: policy (RFC 6455 §7.4). */
export const endSocket = async (service: Telling, id: string, session: Session): Promise<void> => {
  const connection = await service.connections.get(id)
  const other = connection?.session ?? null
  if (other !== null && other.id !== session.id) {
    // Logged in anew since: this socket is another session's now.
    await service.connections.unlist(session, id)
    return
  }
  // Nobody is logged in: by a logout, or still, since a session is listed before it is its connection's.
  const isLoggedOut = connection !== null && other === null
  if (isLoggedOut && !(await service.connections.isListed(session, id))) return
  // Before the pushes, so that the session ends even if they fail.
  if (connection !== null) await service.connections.forget(connection)
  if (other === null) await service.connections.unlist(session, id)
  for (const collection of new Set(Object.values(connection?.subscriptions ?? {})))
    await service.push.send(id, unsubscribed(collection, 'SESSION_EXPIRED'))
  await service.push.close(id, { code: 1008, reason: FAULTS.SESSION_EXPIRED.text })
}

const unsubscribed = (collection: string, why: FaultCode): string =>
  notification('notify_unsubscribed', { collection, error: dataOf(new Fault(why)).data })
