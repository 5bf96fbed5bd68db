/**
 * Tells subscribers of keys, and of the devices that have them. Whether a subscriber may still hear is judged by the table, by a
 * read that serves for a second at the most: what a session that ended before it was to hear is told to nobody.
 */

import { deviceEntry } from '../devices/entry.ts'
import { collectionsOf } from '../domain/events.ts'
import { idOf } from '../domain/key.ts'
import { inLanes, lanesOf } from '../domain/lanes.ts'
import { inPages, together } from '../domain/pages.ts'
import type { Version } from '../domain/versions.ts'
import { apiKeyEntry } from '../keys/entry.ts'
import type { Parts } from '../parts.ts'
import { notification } from '../rpc/frame.ts'
import { resolveSession } from '../sessions/session.ts'
import type { Subscription } from '../store/connection-items.ts'
import { listedRef } from '../store/item-refs.ts'
import { type KeyFacts, toListed } from '../store/key-items.ts'
import { textOf } from '../store/write.ts'
import { type Change, inRounds } from './rounds.ts'

/** Parts that telling of changes needs: the table and sockets. */
export type Telling = Pick<
  Parts,
  'connections' | 'devices' | 'elapsed' | 'log' | 'metrics' | 'now' | 'push'
>

/** Tells subscribers of a batch's changes of keys; of a device's key, those of devices too. @returns as `inRounds`. */
export const tellSubscribers = (
  service: Telling,
  changes: readonly Change[],
  timeLeft: () => number,
): Promise<number | null> =>
  inRounds(
    service,
    changes,
    {
      most: MOST_ITEMS,
      act: (round) => tellAll(service, newsOf(service, round)),
      onLag: (seconds) => service.metrics.add('TellLag', seconds),
    },
    timeLeft,
  )

// ---------------------------------------------------------------------------------------------

/** Few, so that a batch that takes long goes on behind those that it has told. */
const MOST_ITEMS = 16
/** Subscribers who are judged by one read: at the most so many of a tenant are told at the same time, since they end with the
 * slowest. */
const PAGE = 24
/** Who are told at the same time, in all: slow ones of one tenant leave half of it to the others. No more than there are sockets to
 * `@connections`, for a push that waits for one counts as slow; and on one machine closing shares the process. */
const TOLD = 48
/** How long a judgement serves. */
const JUDGED_MS = 1000

type Collection = 'api_key.query' | 'device.query'
/** What subscribers of a collection are told of one of its rows. */
type News = {
  readonly msg: 'added' | 'changed' | 'removed'
  readonly id: number
  /** The row in the shape of a version; null if it is gone meanwhile: its removal is told of next. */
  readonly fields: (version: Version) => Promise<object | null> | object
}
/** A collection of a tenant, and all that its subscribers are told. */
type Group = { readonly tenant: number; readonly collection: Collection; readonly news: News[] }
type Listener = Subscription & { readonly of: Group }

/** Changes of one key are told as one: as it was before the first, and is after the last. */
const newsOf = (service: Telling, changes: readonly Change[]): Group[] => {
  const merged = new Map<string, Change>()
  for (const change of changes) {
    const name = textOf(change.key)
    merged.set(name, { ...change, before: (merged.get(name) ?? change).before })
  }
  const groups = new Map<string, Group>()
  const add = (tenant: number, collection: Collection, one: News): void => {
    const name = `${tenant} ${collection}`
    const group = groups.get(name) ?? { tenant, collection, news: [] }
    groups.set(name, group)
    group.news.push(one)
  }
  for (const { key: at, before, after } of merged.values()) {
    const ref = listedRef(at)
    // Made and deleted between two rounds, it may have been listed, or told of before a repeat: its end is told.
    const item =
      after ?? before ?? changes.findLast(({ key }) => textOf(key) === textOf(at))?.before
    if (ref === null || !item) continue
    const key = toListed(item, ref.tenant)
    const msg = after === null ? 'removed' : before === null ? 'added' : 'changed'
    const news = { msg, id: idOf(key) } as const
    add(ref.tenant, 'api_key.query', { ...news, fields: (version) => apiKeyEntry(key, version) })
    if (key.device) add(ref.tenant, 'device.query', { ...news, fields: rowOf(service, key) })
  }
  return [...groups.values()]
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

/** Page after page of each tenant, beside other tenants. */
const tellAll = (service: Telling, groups: readonly Group[]): Promise<void> => {
  const lanes = lanesOf(groups, ({ tenant }) => tenant).map((own) => {
    const lists = own.map((group) => listeners(service, group))
    return inPages(together(lists, lists.length), PAGE)
  })
  return inLanes(lanes, { most: TOLD, each: 1 }, (page) => tellPage(service, page))
}

async function* listeners({ connections }: Telling, of: Group): AsyncGenerator<Listener> {
  const heard = new Set<string>()
  for await (const one of connections.subscribers(of.tenant, of.collection)) {
    // `*` and the name itself are two subscriptions of one listener.
    const name = `${one.connection} ${one.session.id}`
    if (!heard.has(name)) yield { ...one, of }
    heard.add(name)
  }
}

/** Tells some listeners all that is for them, each in order, and judges them again whenever a judgement has served its time. */
const tellPage = async (service: Telling, page: readonly Listener[]): Promise<void> => {
  const told = new Map(page.map((one) => [one, 0]))
  // What is told is read before anybody is judged: the judgement is to be the last read.
  await Promise.allSettled(
    [...new Map(page.map((one) => [one.of, one])).values()].flatMap(({ of, version }) =>
      of.news.map(async ({ msg, fields }) => msg !== 'removed' && fields(version)),
    ),
  )
  while (told.size > 0) {
    const asked = service.elapsed()
    const left = [...told.keys()]
    const holds = await mayStillHear(service, left)
    await Promise.all(
      left.map(async (one, i) => {
        const { news } = one.of
        let at = told.get(one) ?? 0
        let there = holds[i] === true
        if (!there) await drop(service, one)
        // The first one at once, so that it goes on however long the read took.
        const from = at
        while (there && at < news.length && (at === from || service.elapsed() - asked < JUDGED_MS))
          there = await tellOne(service, one, news[at++] as News)
        if (there && at < news.length) told.set(one, at)
        else told.delete(one)
      }),
    )
  }
}

/** Whether subscriptions' sessions are still their connections', hold, and have the role. */
const mayStillHear = async (service: Telling, all: readonly Listener[]): Promise<boolean[]> => {
  const read = await service.connections.allWithHeld(all)
  const now = service.now()
  return all.map(({ session: { id }, of }, i) => {
    const [connection, { holder, gate }] = read[i] as (typeof read)[number]
    if (connection?.session?.id !== id) return false
    // The session as the connection has it now, since it may have proven itself anew after it subscribed.
    const session = resolveSession(connection.session, holder, gate, now)
    const heard = session === null ? [] : collectionsOf('*', session.roles)
    return heard.some(({ name }) => name === of.collection)
  })
}

/** A failure with one subscriber must not keep the event from the others, nor hold up the stream.
 * @returns whether it is there to be told more. */
const tellOne = async (service: Telling, to: Listener, news: News): Promise<boolean> => {
  const { connection, version, of } = to
  const { msg, id, fields } = news
  try {
    const told = { msg, collection: of.collection, id }
    const row = msg === 'removed' ? {} : await fields(version)
    if (row === null) return true
    const params = msg === 'removed' ? told : { ...told, fields: row }
    const sent = await service.push.send(connection, notification('collection_update', params))
    // A subscriber that doesn't keep up is closed: so it knows that it missed something.
    if (sent === 'full') await service.push.close(connection, TOO_SLOW)
    if (sent === 'gone') await forget(service, to)
    return sent === 'sent'
  } catch (error) {
    service.metrics.add('PushFailed')
    service.log.error('a subscriber was not told', error, { connection })
    return true
  }
}

const TOO_SLOW = { code: 1013, reason: 'Too slow to be told of changes' }

const drop = ({ connections }: Telling, one: Listener): Promise<void> =>
  connections.dropSubscription(one.of.tenant, one.of.collection, one)

/** Cleans up after a socket whose `$disconnect` never came. */
const forget = async (service: Telling, gone: Listener): Promise<void> => {
  const connection = await service.connections.get(gone.connection)
  if (connection !== null) await service.connections.forget(connection)
  else await drop(service, gone)
}
