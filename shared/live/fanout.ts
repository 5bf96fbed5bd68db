/**
 * From a change in the table to everybody whom it concerns: subscribers hear of keys, and the
 * sockets of a key or user that no longer holds are told and closed. A record may come twice, late
 * or after newer ones: what is sent is what the record says, what is closed is judged by the table.
 */
import { atOnce } from '../at-once.ts'
import { type LiveSession, live } from '../auth/session.ts'
import { ERRNO } from '../fault.ts'
import { deviceEntry } from '../keys/device-entry.ts'
import { apiKeyEntry } from '../keys/entry.ts'
import { idOf } from '../keys/key.ts'
import { notification } from '../rpc/frame.ts'
import type { Version } from '../rpc/versions.ts'
import type { Telling } from '../service.ts'
import { holderPlace, type Session, type Subscription } from '../store/connection-items.ts'
import { checkedRef, type KeyFacts, toFacts } from '../store/key-items.ts'
import { userRef } from '../store/users.ts'
import type { Item, Key } from '../store/write.ts'
import { collectionsOf } from './events.ts'

/** One change of one item. `before` or `after` is null where the item came or went. */
export type Change = {
  readonly key: Key
  readonly before: Item | null
  readonly after: Item | null
}

export const fanOut = async (service: Telling, change: Change): Promise<void> => {
  const { key, before, after } = change
  const listed = /^T#([0-9]+)$/.exec(key.sk.startsWith('KEY#') ? key.pk : '')
  if (listed !== null) return tellOfKey(service, Number(listed[1]), change)
  const ref = checkedRef(key)
  if (ref !== null && before !== null) return endSessions(service, ref.tenant, { n: ref.n })
  const user = userRef(key)
  if (user !== null && before !== null && authorityChanged(before, after))
    return endSessions(service, user.tenant, { uid: before.uid })
}

// ---------------------------------------------------------------------------------------------

/** Pushes under way at a time. */
const AT_ONCE = 16

/** What subscribers of a collection are told of one of its rows. */
type News = {
  readonly tenant: number
  readonly collection: 'api_key.query' | 'device.query'
  readonly msg: 'added' | 'changed' | 'removed'
  readonly id: number
  /** The row in the shape of a version; null if it is gone meanwhile: its removal is told of next. */
  readonly fields: (version: Version) => Promise<object | null> | object
}

/** A key's change concerns who listens to keys, and that of a device's key who listens to devices too. */
const tellOfKey = async (
  service: Telling,
  tenant: number,
  { before, after }: Change,
): Promise<void> => {
  const item = after ?? before
  if (item === null) return
  const key = toFacts(item, tenant)
  const msg = after === null ? 'removed' : before === null ? 'added' : 'changed'
  const news = { tenant, msg, id: idOf(key) } as const
  const fields = (version: Version) => apiKeyEntry(key, version)
  await tellSubscribers(service, { ...news, collection: 'api_key.query', fields })
  if (key.device)
    await tellSubscribers(service, {
      ...news,
      collection: 'device.query',
      fields: rowOf(service, key),
    })
}

/** Reads what is known of the device for the first who listens, if anybody does. */
const rowOf = ({ devices }: Telling, key: KeyFacts): News['fields'] => {
  let device: ReturnType<typeof devices.of> | undefined
  return async () => {
    device ??= devices.of(key)
    const found = await device
    return found && deviceEntry(found)
  }
}

const tellSubscribers = async (
  service: Telling,
  { tenant, collection, msg, id, fields }: News,
): Promise<void> => {
  const told = { msg, collection, id }
  const heard = new Set<string>()
  const subscribers = service.connections.subscribers(tenant, collection)
  await atOnce(subscribers, AT_ONCE, async (subscription) => {
    const { connection, version } = subscription
    // `*` and the name itself are two subscriptions of one listener.
    if (heard.has(connection)) return
    heard.add(connection)
    try {
      if (!(await mayStillHear(service, subscription, collection)))
        return await service.connections.dropSubscription(tenant, collection, subscription)
      const row = msg === 'removed' ? {} : await fields(version)
      if (row === null) return
      const params = msg === 'removed' ? told : { ...told, fields: row }
      const sent = await service.push.send(connection, notification('collection_update', params))
      // Who doesn't keep up is closed: so he knows that he missed something.
      if (sent === 'full')
        await service.push.close(connection, {
          code: 1013,
          reason: 'Too slow to be told of changes',
        })
      if (sent === 'gone') await forget(service, { tenant, collection }, subscription)
    } catch (error) {
      // One listener must not keep the news from the others, nor hold up the stream.
      service.metrics.add('PushFailed')
      service.log.error('a subscriber was not told', error, { connection })
    }
  })
}

/** Whether a subscription's session is still the connection's, holds, and has the role: judged by
 * the table for each event, so that no race of a logout or revoke leaves a listener behind. */
const mayStillHear = async (
  service: Telling,
  one: Subscription,
  collection: string,
): Promise<boolean> => {
  const at = holderPlace(one.session)
  const [connection, holder] = await service.connections.withHolder(one.connection, at)
  if (connection?.session?.id !== one.session.id) return false
  const session = live(one.session, holder, service.now())
  return (
    session !== null && collectionsOf('*', session.roles).some(({ name }) => name === collection)
  )
}

/** Whether a change of a user can end a session or take an event from it. */
const authorityChanged = (before: Item, after: Item | null): boolean =>
  after === null ||
  before.version !== after.version ||
  before.passwordVersion !== after.passwordVersion

/** Tells and closes the sockets of a key or user whose session doesn't hold any more. */
const endSessions = async (
  service: Telling,
  tenant: number,
  holder: { n: number } | { uid: number },
): Promise<void> => {
  const failures: unknown[] = []
  const sessions = service.connections.sessions(tenant, holder)
  await atOnce(sessions, AT_ONCE, async ({ connection, session }) => {
    try {
      const item = await service.connections.holder(session)
      const now = live(session, item, service.now())
      if (now === null) await endSocket(service, connection, session)
      else await dropSubscriptions(service, connection, now)
    } catch (error) {
      failures.push(error)
    }
  })
  // All were tried; the record comes again for those that failed.
  if (failures.length > 0) throw failures[0]
}

/** Ends what a session listens to and may not hear any more, now that its roles have changed. */
const dropSubscriptions = async (
  service: Telling,
  id: string,
  session: LiveSession,
): Promise<void> => {
  const connection = await service.connections.get(id)
  if (connection?.session?.id !== session.id) return
  const allowed = new Set(collectionsOf('*', session.roles).map(({ name }) => name))
  const lost = Object.values(connection.subscriptions).filter((name) => !allowed.has(name))
  await service.connections.unsubscribe(connection, session, (_, name) => !allowed.has(name))
  for (const collection of lost)
    await service.push.send(id, unsubscribed(collection, '[EACCES] Not authorized'))
}

/** Ends what a connection listens to, then the connection. Close code 1008: policy (RFC 6455 §7.4). */
export const endSocket = async (
  service: Telling,
  id: string,
  session: Pick<Session, 'id'>,
): Promise<void> => {
  const connection = await service.connections.get(id)
  // Logged in anew since: this socket is another session's now.
  if (connection !== null && connection.session?.id !== session.id) return
  // First of all: should a push fail, the session is gone all the same.
  if (connection !== null) await service.connections.forget(connection)
  for (const collection of new Set(Object.values(connection?.subscriptions ?? {})))
    await service.push.send(id, unsubscribed(collection, '[EACCES] Session is expired'))
  await service.push.close(id, { code: 1008, reason: 'Session is expired' })
}

const unsubscribed = (collection: string, reason: string): string =>
  notification('notify_unsubscribed', {
    collection,
    error: { error: ERRNO.EACCES, errname: 'EACCES', reason, trace: null, extra: null },
  })

/** Cleans up after a socket whose `$disconnect` never came. */
const forget = async (
  service: Telling,
  { tenant, collection }: Pick<News, 'tenant' | 'collection'>,
  gone: Subscription,
): Promise<void> => {
  const connection = await service.connections.get(gone.connection)
  if (connection !== null) await service.connections.forget(connection)
  else await service.connections.dropSubscription(tenant, collection, gone)
}
