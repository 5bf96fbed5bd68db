/** Tells subscribers of keys, and of the devices that have them. Whether a subscriber may still hear is judged by the
 * table for each event, so that a logout or revoke at the same time leaves none behind. */

import { deviceEntry } from '../devices/entry.ts'
import { atOnce } from '../domain/at-once.ts'
import { collectionsOf } from '../domain/events.ts'
import { idOf } from '../domain/key.ts'
import type { Version } from '../domain/versions.ts'
import { apiKeyEntry } from '../keys/entry.ts'
import type { Parts } from '../parts.ts'
import { notification } from '../rpc/frame.ts'
import { resolveSession } from '../sessions/session.ts'
import { holderKey, type Subscription } from '../store/connection-items.ts'
import { type KeyFacts, toListed } from '../store/key-items.ts'
import type { Item } from '../store/write.ts'

/** Parts that telling of changes needs: the table and sockets. */
export type Telling = Pick<
  Parts,
  'connections' | 'devices' | 'log' | 'metrics' | 'now' | 'push' | 'sessions'
>

/** Tells subscribers of keys of a change; if it is of a device's key, those of devices too. */
export const tellOfKey = async (
  service: Telling,
  tenant: number,
  { before, after }: { readonly before: Item | null; readonly after: Item | null },
): Promise<void> => {
  const item = after ?? before
  if (item === null) return
  const key = toListed(item, tenant)
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

/** Reads the device once, for the first subscriber. */
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
      // A subscriber that doesn't keep up is closed: so it knows that it missed something.
      if (sent === 'full')
        await service.push.close(connection, {
          code: 1013,
          reason: 'Too slow to be told of changes',
        })
      if (sent === 'gone') await forget(service, { tenant, collection }, subscription)
    } catch (error) {
      // A failure with one subscriber must not keep the event from the others, nor hold up the stream.
      service.metrics.add('PushFailed')
      service.log.error('a subscriber was not told', error, { connection })
    }
  })
}

/** Whether a subscription's session is still the connection's, holds, and has the role. */
const mayStillHear = async (
  service: Telling,
  one: Subscription,
  collection: string,
): Promise<boolean> => {
  const at = { holder: holderKey(one.session), tenant: one.session.tenant }
  const [connection, { holder, gate }] = await service.connections.withHeld(one.connection, at)
  if (connection?.session?.id !== one.session.id) return false
  // The session as the connection has it now, since it may have proven itself anew after it subscribed.
  const session = resolveSession(connection.session, holder, gate, service.now())
  return (
    session !== null && collectionsOf('*', session.roles).some(({ name }) => name === collection)
  )
}

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
