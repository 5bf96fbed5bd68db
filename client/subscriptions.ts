/** Who listens to which event. Lives longer than a socket: each new one is told anew what to bring. */

import type { Notification } from './connection.ts'
import { isSessionGone, RpcError, type WireError } from './errors.ts'
import type { Call, Change, EventName } from './types.ts'

export const createSubscriptions = () => {
  const topics = new Map<string, Topic>()
  let call: Call | null = null
  let pending: Promise<void> = Promise.resolve()

  const join = async (event: string, topic: Topic): Promise<void> => {
    const on = call
    if (on === null) return
    const isNew = !topic.wasLive
    try {
      topic.id = await on('core.subscribe', event)
      topic.wasLive = true
      // Nobody listens any more, or another socket has taken over.
      if (on === call && topic.listeners.size === 0) leave(topic)
      if (!isNew) tellOfGap(topic)
    } catch (error) {
      // What the socket's end or the session's breaks is mended by the next login.
      if (error instanceof RpcError && !isSessionGone(error)) refuse(topic, error)
    }
  }

  const leave = (topic: Topic): void => {
    const { id } = topic
    topic.id = null
    if (id !== null) call?.('core.unsubscribe', id).catch(() => {})
  }

  return {
    add<E extends EventName>(event: E, listener: Listener<E>): () => void {
      const topic = topics.get(event) ?? { listeners: new Set(), id: null, wasLive: false }
      topics.set(event, topic)
      const entry = listener as Listener<EventName>
      topic.listeners.add(entry)
      if (topic.listeners.size === 1) pending = all([pending, join(event, topic)])
      return () => {
        if (!topic.listeners.delete(entry) || topic.listeners.size > 0) return
        topics.delete(event)
        leave(topic)
      }
    },

    /** Subscribes on a socket to all that is listened to. Never rejects. */
    attach(on: Call): Promise<void> {
      call = on
      pending = all([...topics].map(([event, topic]) => join(event, topic)))
      return pending
    },

    detach(): void {
      call = null
      for (const topic of topics.values()) topic.id = null
    },

    /** Resolves when what was asked for so far is heard. */
    settled: (): Promise<void> => pending,

    notified({ method, params }: Notification): void {
      const topic = topics.get(String(params.collection))
      if (topic === undefined) return
      if (method === 'collection_update')
        for (const { heard } of topic.listeners) heard(params as Change<EventName>)
      if (method === 'notify_unsubscribed') {
        topic.id = null
        const data = params.error as NonNullable<WireError['data']>
        refuse(topic, new RpcError({ code: -32001, message: 'Method call error', data }))
      }
    },
  }
}

// ---------------------------------------------------------------------------------------------

type Listener<E extends EventName> = {
  heard(change: Change<E>): void
  readonly onGap: (() => void) | undefined
  readonly onRefused: ((error: RpcError) => void) | undefined
}

type Topic = {
  readonly listeners: Set<Listener<EventName>>
  /** Of the subscription on the present socket. */
  id: string | null
  /** Whether there was a subscription before, so that the next one comes after a gap. */
  wasLive: boolean
}

/** What a listener throws is its own, and no failure of the subscription. */
const tellOfGap = ({ listeners }: Topic): void => {
  for (const { onGap } of [...listeners]) if (onGap) void Promise.resolve().then(onGap)
}

const all = async (promises: readonly Promise<void>[]): Promise<void> => {
  await Promise.all(promises)
}

const refuse = (topic: Topic, error: RpcError): void => {
  for (const { onRefused } of topic.listeners) onRefused?.(error)
}
