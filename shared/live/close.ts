/**
 * Closes the sockets of keys and users that ended, and ends subscriptions that present roles don't allow. A record of the
 * stream only says whose sessions to look at: what is closed follows from the table.
 */
import { collectionsOf } from '../domain/events.ts'
import { FAULTS, Fault, type FaultCode } from '../domain/fault.ts'
import { inLanes, lanesOf } from '../domain/lanes.ts'
import { inPages, together } from '../domain/pages.ts'
import type { Parts } from '../parts.ts'
import { dataOf, notification } from '../rpc/frame.ts'
import { type LiveSession, resolveSession } from '../sessions/session.ts'
import type { Connection, Session } from '../store/connection-items.ts'
import { heardAs, type READERS } from '../store/heard.ts'
import { heldByKey, principalOf } from '../store/item-keys.ts'
import { checkedRef, userRef } from '../store/item-refs.ts'
import { isRenamed } from '../store/key-items.ts'
import type { ListedSession, Some } from '../store/sessions.ts'
import { toUser, type User } from '../store/user-items.ts'
import type { Item } from '../store/write.ts'
import { isDeviceUser } from '../users/device-user.ts'
import { type Change, inRounds } from './rounds.ts'

/** Parts that closing needs: the table and sockets. */
export type Closing = Pick<Parts, 'connections' | 'log' | 'metrics' | 'now' | 'push' | 'sessions'>

/** Closes what the changes of a batch ended. @returns as `inRounds`. */
export const closeEnded = (
  service: Closing,
  changes: readonly Change[],
  timeLeft: () => number,
): Promise<number | null> =>
  inRounds(
    service,
    changes,
    {
      most: MOST_ITEMS,
      act: (round) => endSessions(service, round.flatMap(suspectsOf)),
      onLag: (seconds) => service.metrics.add('CloseLag', seconds),
    },
    timeLeft,
  )

/** Ends a connection's subscriptions, then the connection. */
export const endSocket = async (
  service: Pick<Closing, 'connections' | 'push'>,
  id: string,
  session: Session,
): Promise<void> => endConnection(service, id, await service.connections.get(id), session)

// ---------------------------------------------------------------------------------------------

/** A repeat goes on where a round was cut off, since what is closed isn't listed any more: it may have many. */
const MOST_ITEMS = 100
/** Lists of one tenant's sessions that are read at the same time. */
const LISTS = 16
/** Sessions that are judged by one read. */
const PAGE = 24
/** Sessions that are judged and ended at the same time. Of one tenant two pages, where it isn't alone: its slow sockets leave half
 * to the others. */
const ENDED = 4 * PAGE
const pagesOf = (tenants: number): number => (tenants > 1 ? 2 : 4)

/** Whose sessions a change may have ended. */
type Suspects =
  | {
      readonly tenant: number
      readonly some: Some
      readonly before: { n: number } | { uid: number }
    }
  | { readonly tenant: number; readonly some: 'devices' }

const suspectsOf = (change: Change): Suspects[] => {
  const kind = heardAs(change.key)
  return kind === 'checked' || kind === 'user' ? SUSPECTS[kind](change) : []
}

const SUSPECTS: Readonly<
  Record<(typeof READERS.close.hears)[number], (change: Change) => Suspects[]>
> = {
  checked({ key, before, after }) {
    const ref = checkedRef(key)
    if (ref === null || before === null || isRenamed(before, after)) return []
    const { tenant, n } = ref
    const { uid, device } = before
    const some = { principal: principalOf({ uid, n, device }), holder: heldByKey(n) }
    return [{ tenant, some, before: { n } }]
  },

  user({ key, before, after }) {
    const user = userRef(key)
    if (user === null || before === null || !authorityChanged(before, after)) return []
    const { tenant } = user
    const { uid } = before as User
    const own = { tenant, some: { principal: principalOf({ uid }) }, before: { uid } }
    // Devices' sessions aren't listed under their user, and the lock, which the gate holds, changes none of their keys.
    const isOfDevices = after?.locked && isDeviceUser(toUser(after, tenant))
    return isOfDevices ? [own, { tenant, some: 'devices' }] : [own]
  },
}

/** Whether a change of a user can end a session or take an event from it. */
const authorityChanged = (before: Item, after: Item | null): boolean =>
  after === null ||
  before.version !== after.version ||
  before.passwordVersion !== after.passwordVersion

/** Each session once, though several changes lead to it. */
async function* listed(
  { sessions }: Closing,
  all: readonly Suspects[],
): AsyncGenerator<ListedSession> {
  const distinct = new Map(all.map((one) => [JSON.stringify(one), one]))
  const lists = [...distinct.values()].flatMap(({ tenant, ...one }) =>
    one.some === 'devices'
      ? [sessions.ofDevices(tenant)]
      : [sessions.of(tenant, one.some), sessions.before(tenant, one.before)],
  )
  const seen = new Set<string>()
  for await (const found of together(lists, LISTS)) {
    const name = `${found.connection} ${found.session.id}`
    if (!seen.has(name)) yield found
    seen.add(name)
  }
}

/** Tells and closes the sockets of those sessions that don't hold any more. All are tried; the changes come again for those
 * that failed. */
const endSessions = (service: Closing, suspects: readonly Suspects[]): Promise<void> => {
  const lanes = lanesOf(suspects, ({ tenant }) => tenant)
  return inLanes(
    lanes.map((own) => inPages(listed(service, own), PAGE)),
    { most: ENDED, each: pagesOf(lanes.length) },
    (page) => endPage(service, page),
  )
}

/** @throws what the first of them failed with, once all were tried. */
const endPage = async (service: Closing, page: readonly ListedSession[]): Promise<void> => {
  const judged = await service.connections.allWithHeld(page)
  const now = service.now()
  const acts = page.map(({ connection: id, session, ended }, i) => {
    const [connection, { holder, gate }] = judged[i] as (typeof judged)[number]
    const live = resolveSession(session, holder, gate, now)
    return live === null || ended
      ? endConnection(service, id, connection, session)
      : dropSubscriptions(service, connection, live)
  })
  const results = await Promise.allSettled(acts)
  const failed = results.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

/** Ends the subscriptions that a session's present roles don't allow. */
const dropSubscriptions = async (
  service: Closing,
  connection: Connection | null,
  session: LiveSession,
): Promise<void> => {
  if (connection?.session?.id !== session.id) return
  const allowed = new Set(collectionsOf('*', session.roles).map(({ name }) => name))
  const lost = Object.values(connection.subscriptions).filter((name) => !allowed.has(name))
  if (lost.length === 0) return
  await service.connections.unsubscribe(connection, session, (_, name) => !allowed.has(name), null)
  for (const collection of lost)
    await service.push.send(connection.id, unsubscribed(collection, 'NOT_AUTHORIZED'))
}

/** Close code 1008: policy (RFC 6455 §7.4). */
const endConnection = async (
  service: Pick<Closing, 'connections' | 'push'>,
  id: string,
  connection: Connection | null,
  session: Session,
): Promise<void> => {
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
  if (connection !== null) await service.connections.forget(connection, session.id)
  const collections = [...new Set(Object.values(connection?.subscriptions ?? {}))]
  // One that isn't told is closed all the same.
  await Promise.allSettled(
    collections.map((one) => service.push.send(id, unsubscribed(one, 'SESSION_EXPIRED'))),
  )
  await service.push.close(id, { code: 1008, reason: FAULTS.SESSION_EXPIRED.text })
  // Last, since a repeat finds by the list which sockets are still to be closed.
  await service.connections.unlist(session, id)
}

const unsubscribed = (collection: string, why: FaultCode): string =>
  notification('notify_unsubscribed', { collection, error: dataOf(new Fault(why)).data })
