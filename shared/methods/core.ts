/** `core.*`: options, ping, subscriptions, and what the API says of itself (docs/protocol/core.md §7, §8). */

import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { collectionsOf, EVENTS, mayHear } from '../domain/events.ts'
import { Fault, invalid } from '../domain/fault.ts'
import { QueryFilters } from '../domain/query/filters.ts'
import { QueryOptions } from '../domain/query/options.ts'
import { queryInTurns } from '../domain/query/query.ts'
import { Text } from '../domain/schema.ts'
import { isAtLeast } from '../domain/versions.ts'
import { encodedObject } from '../rpc/frame.ts'
import {
  type Call,
  type Method,
  mayCall,
  method,
  openMethod,
  type SessionCall,
} from '../rpc/method.ts'
import { authorityOf } from '../sessions/authority.ts'
import { descriptionOf } from './description.ts'

/** Subscriptions that one connection may have. */
const SUBSCRIPTIONS = 50

export const setOptions = openMethod({
  name: 'core.set_options',
  summary: 'The first call of every client: settles options of the connection.',
  access: 'anybody-uncounted',
  params: {
    // The one method that takes members it doesn't know (docs/protocol/core.md §7.1).
    options: z
      .object({
        legacy_jobs: z.boolean().default(true),
        private_methods: z.boolean().default(false),
        py_exceptions: z.boolean().default(false),
      })
      .prefault({}),
  },
  result: z
    .strictObject({
      legacy_jobs: z.boolean(),
      private_methods: z.boolean(),
      py_exceptions: z.boolean(),
    })
    .nullable(),
  // Nothing is kept: there are no jobs yet, and neither private methods nor pickled exceptions are
  // to be had over a network. 25.04 answered null.
  run: ({ options: { legacy_jobs } }, { connection }) =>
    isAtLeast(connection.version, 'v25.10.0')
      ? { legacy_jobs, private_methods: false, py_exceptions: false }
      : null,
})

export const ping = openMethod({
  name: 'core.ping',
  summary: 'Answers "pong". Keeps a socket from being closed for idleness.',
  access: 'anybody',
  params: {},
  result: z.literal('pong'),
  run: () => 'pong' as const,
})

export const subscribe = method({
  name: 'core.subscribe',
  summary: 'Subscribes to an event; `*` is all that the caller may hear. Answers an id.',
  access: 'session',
  // TrueNAS's clients subscribe to jobs before their first call, and make none if that is refused.
  devices: true,
  params: { event: Text.min(1) },
  result: z.string(),
  run: async ({ event }, call) => {
    const { session } = call
    const wanted = collectionsOf(event, session.roles)
    if (wanted.length === 0) {
      const known = EVENTS.map(({ name }) => name).join(', ')
      throw invalid(['event', `${event}: no such event; there are ${known}`])
    }
    if (!wanted.every((one) => mayHear(session.roles, one))) throw new Fault('NOT_AUTHORIZED')
    const id = randomUUID()
    for (const { name } of wanted) {
      // `*` is several subscriptions under one id and its like.
      await join(call, wanted.length === 1 ? id : `${id}:${name}`, name)
    }
    return id
  },
})

export const unsubscribe = method({
  name: 'core.unsubscribe',
  summary: 'Ends a subscription. An id that is unknown is no error.',
  access: 'session',
  devices: true,
  params: { id: Text },
  result: z.null(),
  run: async ({ id }, { service, session, connection }) => {
    // `*` is several subscriptions under one id and its like.
    const ends = (known: string): boolean => known === id || known.startsWith(`${id}:`)
    const by = authorityOf(service, session, connection)
    await service.connections.unsubscribe(connection, session, ends, by)
    return null
  },
})

export const getJobs = method({
  name: 'core.get_jobs',
  summary: 'Lists jobs. No method of this service is a job yet, so the list is empty.',
  access: 'session',
  params: { filters: QueryFilters, options: QueryOptions },
  result: z.unknown(),
  filterable: true,
  run: ({ filters, options }) => queryInTurns([], filters, options),
})

export const getServices = method({
  name: 'core.get_services',
  summary: 'Names the services, which are the first parts of the methods’ names.',
  access: 'session',
  devices: true,
  params: { target: z.enum(['WS', 'CLI', 'REST']).default('WS') },
  result: z.record(z.string(), z.strictObject({ type: z.enum(['crud', 'service']) })),
  run: (_, call) => {
    const names = new Set(methodsOf(call).map(({ name }) => serviceOf(name)))
    return Object.fromEntries(
      [...names].map((name) => {
        const crud = ['create', 'update', 'delete'].every((verb) =>
          call.methods.has(`${name}.${verb}`),
        )
        return [name, { type: crud ? ('crud' as const) : ('service' as const) }]
      }),
    )
  },
})

export const getMethods = method({
  name: 'core.get_methods',
  summary:
    'Describes the methods that the caller may call: parameters and results as JSON Schema, roles.',
  access: 'session',
  devices: true,
  params: {
    service: Text.nullable().default(null),
    target: z.enum(['WS', 'CLI', 'REST']).default('WS'),
  },
  result: z.record(z.string(), z.looseObject({})),
  run: ({ service }, call) =>
    encodedObject(
      methodsOf(call)
        .filter(({ name }) => service === null || serviceOf(name) === service)
        .filter((one) => mayCall(call.session, one))
        .map((one) => [one.name, descriptionOf(one)] as const),
    ),
})

// ---------------------------------------------------------------------------------------------

const join = async (call: SessionCall, id: string, collection: string): Promise<void> => {
  const { service, session, connection } = call
  const by = authorityOf(service, session, connection)
  const wanted = { id, collection, most: SUBSCRIPTIONS }
  const conflict = await service.connections.subscribe(connection, session, wanted, by)
  if (conflict === 'FULL') {
    const detail = `A connection has ${SUBSCRIPTIONS} subscriptions at the most; end one by core.unsubscribe first`
    throw new Fault('LIMIT_REACHED', { detail })
  }
  if (conflict !== null) throw new Fault('SESSION_EXPIRED')
}

const serviceOf = (name: string): string => name.slice(0, name.lastIndexOf('.'))

const methodsOf = ({ methods, connection }: Call): Method[] =>
  [...methods.values()].filter(
    ({ since }) => since === undefined || isAtLeast(connection.version, since),
  )
