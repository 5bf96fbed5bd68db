/** Carries the SDK's requests into the simulation, and what becomes of them back. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../time/clock.ts'
import { job } from '../time/patch.ts'
import { connectionReset, internalError, timedOut, toHalfResponse, toResponse } from './answers.ts'
import { createDynamo, type Effect } from './dynamo.ts'
import type { Answer, Engine } from './engine.ts'
import type { Meter } from './meter.ts'
import type { ItemKey } from './read-request.ts'
import type { FaultKind, Weather } from './sky.ts'
import { createSockets } from './sockets.ts'

/** A process of the service, which may die. */
export type Process = { readonly name: string; alive: boolean }

/** A request of a process to AWS: for the log. */
export type Request<Op> = {
  readonly at: number
  readonly process: string
  /** What a client asked for, that it is sent for; null where no client did. */
  readonly op: Op | null
  readonly operation: string
  readonly body: string
  readonly fate: FaultKind | null
}

type Deps<Op> = {
  readonly clock: Clock
  readonly weather: Weather
  readonly meter: Meter
  readonly engine: Engine
  readonly onRequest: (request: Request<Op>) => void
  readonly onEffect: (effect: Effect, op: Op | null) => void
  readonly onConflict: (items: readonly ItemKey[], op: Op | null) => void
}

export const createCloud = <Op>(deps: Deps<Op>) => {
  const { clock, weather, meter, engine, onRequest, onEffect, onConflict } = deps
  const actor = new AsyncLocalStorage<Op>()
  const dynamo = createDynamo({
    clock,
    weather,
    meter,
    ask: (target, body) => job(engine.ask(target, body)),
    onConflict: (items) => onConflict(items, actor.getStore() ?? null),
  })

  const perform = async (target: string, body: string, op: Op | null): Promise<Answer> => {
    if (!target.startsWith('TrentService')) return dynamo(target, body, (one) => onEffect(one, op))
    await clock.sleep(weather.random.between(2, 20))
    const { status, body: told } = engine.kms(target, body)
    return { status, body: JSON.stringify(told) }
  }

  /** What comes back for a request, and when. Never, where it stalls. */
  const exchange = async (target: string, body: string, fate: FaultKind | null) => {
    const op = actor.getStore() ?? null
    await clock.sleep(weather.way())
    const [done, how] = fate === null ? ['done'] : fate.split('-')
    if (done === 'late') clock.after(weather.delay(), () => perform(target, body, op))
    const answer = done === 'done' ? await perform(target, body, op) : internalError()
    await clock.sleep(weather.way())
    if (how === 'stall') return new Promise<never>(() => {})
    if (how === 'reset') throw connectionReset()
    if (how === 'half') return toHalfResponse(answer)
    return toResponse(how === '500' ? internalError() : answer)
  }

  return {
    /** Runs something that a client asked for: what is sent meanwhile is sent for it. */
    actFor: <T>(op: Op, run: () => Promise<T>): Promise<T> => actor.run(op, run),

    /** What the SDK's clients of a process send their requests by. */
    handlerOf: (process: Process) => (timeoutMs: number) => {
      const pools = { table: createSockets(clock), kms: createSockets(clock) }
      const send = async (request: Sent): Promise<ReturnType<typeof toResponse>> => {
        const target = request.headers['x-amz-target'] ?? ''
        const operation = target.replace(/^.*\./, '')
        const body = textOf(request.body)
        const repeats = request.headers['amz-sdk-invocation-id'] ?? null
        const fate = weather.fateOf({ operation, repeats })
        const op = actor.getStore() ?? null
        onRequest({ at: clock.now(), process: process.name, op, operation, body, fate })
        return exchange(target, body, fate)
      }
      return {
        metadata: { handlerProtocol: 'http/1.1' },
        destroy: (): void => {},
        updateHttpClientConfig: (): void => {},
        httpHandlerConfigs: () => ({}),
        handle: (request: Sent): Promise<ReturnType<typeof toResponse>> =>
          new Promise((resolve, reject) => {
            if (!process.alive) return
            const isKms = request.headers['x-amz-target']?.startsWith('TrentService')
            const sockets = pools[isKms ? 'kms' : 'table']
            let end = (): void => {}
            const late = clock.after(timeoutMs, () => {
              end()
              if (process.alive) reject(timedOut(timeoutMs))
            })
            sockets
              .take(timeoutMs)
              .then(() => {
                end = () => {
                  end = () => {}
                  sockets.give()
                }
                return send(request)
              })
              .then(
                (answer) => process.alive && resolve(answer),
                (error) => process.alive && reject(error),
              )
              .finally(() => {
                end()
                clock.cancel(late)
              })
          }),
      }
    },
  }
}

// ---------------------------------------------------------------------------------------------

type Sent = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

const textOf = (body: string | Uint8Array): string =>
  typeof body === 'string'
    ? body
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
