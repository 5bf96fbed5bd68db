/** A subject that is asked over HTTP: a process with a listener, and what it is sent. */

import { bundleOf } from '../run/build.ts'
import { type Child, startChild } from '../run/child.ts'
import { type HttpRequest, sendHttp } from '../run/http-load.ts'
import { AT_ONCE } from '../run/protocol.ts'
import { perItem, toSample } from '../run/stats.ts'
import type { Running, Subject } from '../run/subject.ts'

type HttpSubject = Omit<Subject, 'by' | 'start'> & {
  readonly server: string
  readonly environment?: () => Promise<Readonly<Record<string, string>>>
  /** What the server is told to start with. @returns what it answers is `facts` below. */
  readonly setup?: unknown
  /** What is sent, in turn; made anew for each round, since proofs expire.
   * @throws Skip if the server can't be asked so. */
  readonly requests: (origin: string, facts: Facts) => Promise<readonly HttpRequest[]>
  /** Whether an answer is the one that is measured for; all requests are tried before the first round. */
  readonly isRight: (body: string) => boolean
  /** How many things one request asks for. */
  readonly items?: number
  /** How many requests are a round, instead of as many as its seconds take. */
  readonly amount?: number
  /** One: an asker who waits for each answer, so that nothing is shared between requests. */
  readonly connections?: number
}

/** What a server says when it has started. */
export type Facts = { readonly port: number; readonly tokens?: readonly string[] }

export const httpSubject = ({
  server,
  environment = async () => ({}),
  setup,
  requests,
  isRight,
  items = 1,
  amount,
  connections = AT_ONCE,
  ...about
}: HttpSubject): Subject => ({
  ...about,
  by: connections === 1 ? 'one connection' : 'http',
  start: async (): Promise<Running> => {
    const child = startChild(bundleOf(server), {
      name: about.id,
      environment: await environment(),
    })
    try {
      const facts = await child.ask<Facts>('start', setup)
      const origin = `http://127.0.0.1:${facts.port}`
      await tryOut(origin, await requests(origin, facts), isRight)
      return {
        measure: async (seconds) => {
          const all = await requests(origin, facts)
          const [done, cpu] = await cpuOf(child, () =>
            sendHttp(origin, all, amount === undefined ? { seconds } : { amount }, connections),
          )
          return perItem(toSample(done.times, done.ms, cpu), items)
        },
        close: () => child.stop(),
      }
    } catch (error) {
      await child.stop()
      throw error
    }
  },
})

/** @returns what the act returned, and what the process under test used of CPU meanwhile. */
export const cpuOf = async <T>(child: Child, act: () => Promise<T>): Promise<[T, number]> => {
  const before = await child.cpu()
  const result = await act()
  return [result, (await child.cpu()) - before]
}

// ---------------------------------------------------------------------------------------------

const tryOut = async (
  origin: string,
  requests: readonly HttpRequest[],
  isRight: (body: string) => boolean,
): Promise<void> => {
  for (const { path, method, headers = {}, body } of requests) {
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    })
    const text = await answer.text()
    if (!answer.ok || !isRight(text))
      throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`)
  }
}
