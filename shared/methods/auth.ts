/** `auth.*` for who is logged in: tokens, sessions, who am I (docs/protocol/login.md §3.3, §3.4, §3.5). */

import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { Fault } from '../domain/fault.ts'
import { QueryFilters } from '../domain/query/filters.ts'
import { QueryOptions } from '../domain/query/options.ts'
import { queryInTurns } from '../domain/query/query.ts'
import { resultOf } from '../domain/query/result.ts'
import { Text, Whole } from '../domain/schema.ts'
import { afterMark } from '../keys/ends.ts'
import { endSocket } from '../live/close.ts'
import type { Parts } from '../parts.ts'
import { method, type SessionCall } from '../rpc/method.ts'
import { actorOf, authorityOf } from '../sessions/authority.ts'
import { SessionEntry, sessionEntry } from '../sessions/entry.ts'
import { LOGIN_MS, loginOf } from '../sessions/session.ts'
import { endTokens, makeToken } from '../sessions/token.ts'
import type { ListedSession } from '../store/sessions.ts'
import { Me, me } from './me.ts'

/** Seconds: no token outlives the login that it comes from. */
const LONGEST_TTL_SECONDS = LOGIN_MS / 1000

export const generateToken = method({
  name: 'auth.generate_token',
  summary:
    'Makes a token that logs in again as the caller. Its time runs from the last use, and ends with the session’s login.',
  access: 'session',
  params: {
    ttl: Whole.min(1).max(LONGEST_TTL_SECONDS).nullable().default(600),
    attrs: z.strictObject({ job: Whole.optional() }).default({}),
    match_origin: z.boolean().default(true),
    single_use: z.boolean().default(false),
  },
  result: z.string(),
  run: ({ ttl, attrs: { job }, match_origin, single_use }, { service, session, connection }) => {
    // On a genuine server such a token loads a job's file, and can't log in. No job here has one.
    if (job !== undefined) throw new Fault('NO_JOB', { job })
    return makeToken(service, session, connection, {
      seconds: ttl ?? 600,
      address: match_origin ? connection.address : null,
      singleUse: single_use,
    })
  },
})

export const logout = method({
  name: 'auth.logout',
  summary:
    'Ends the session, its subscriptions and its tokens. The socket stays open for another login.',
  stops: true,
  access: 'session',
  devices: true,
  params: {},
  result: z.literal(true),
  run: async (_, { service, session, connection }) => {
    await endTokens(service, session)
    await service.connections.logout(connection)
    // Again, for a token that was made at the same moment. From now on none can be.
    await service.tokens.endAll(session.tenant, session.id)
    return true as const
  },
})

export const meMethod = method({
  name: 'auth.me',
  summary: 'Who the caller is, and what they may do.',
  access: 'session',
  devices: true,
  params: {},
  result: Me,
  run: (_, { service, session }) => me(service, session),
})

export const sessions = method({
  name: 'auth.sessions',
  summary: "Lists the sessions of the tenant's users.",
  stops: true,
  access: ['AUTH_SESSIONS_READ'],
  params: { filters: QueryFilters, options: QueryOptions },
  result: resultOf(SessionEntry),
  row: SessionEntry,
  filterable: true,
  run: async ({ filters, options }, call) => {
    const rows: SessionEntry[] = []
    for (const one of await allSessions(call))
      if (!one.ended) rows.push(sessionEntry(one, one.session.id === call.session.id))
    return queryInTurns(rows, filters, options)
  },
})

export const terminateSession = method({
  name: 'auth.terminate_session',
  summary: 'Ends a session and closes its socket. False if there is no such session.',
  stops: true,
  access: ['AUTH_SESSIONS_WRITE'],
  params: { id: Text },
  result: z.boolean(),
  run: async ({ id }, call) => {
    const listed = await allSessions(call)
    const found = listed.find(({ session }) => session.id === id)
    if (found === undefined) return false
    await terminate(call, found)
    // Sessions that its tokens opened meanwhile, which the caller's list didn't show.
    const seen = new Set(listed.map(({ session }) => session.id))
    const { root } = loginOf(found.session)
    for (const other of await allSessions(call))
      if (!seen.has(other.session.id) && loginOf(other.session).root === root)
        await terminate(call, other)
    return true
  },
})

export const terminateOtherSessions = method({
  name: 'auth.terminate_other_sessions',
  summary: "Ends all sessions of the tenant's users but the caller's, and their tokens.",
  stops: true,
  access: ['AUTH_SESSIONS_WRITE'],
  params: {},
  result: z.literal(true),
  run: async (_, call) => {
    const { service, session } = call
    const { tenant, id } = session
    // The mark comes first: from here on none of their tokens opens a session. Nor do those of the sessions that the
    // caller's chain began with, since a stolen token of theirs looks the same.
    const logins = { before: service.now(), self: id, but: randomUUID() }
    await service.sessions.markAll(tenant, logins, loginOf(session), actorOf(call))
    return afterMark(async () => {
      // Also copies of sessions whose items are gone, since a logout deletes copies last.
      await service.sessions.dropAllCopies(tenant, id)
      for (const other of await allSessions(call)) {
        if (other.session.id === id) continue
        await service.connections.mark(other, authorityOf(service, session, call.connection))
        await end(service, other)
      }
      return true as const
    })
  },
})

// ---------------------------------------------------------------------------------------------

const terminate = async (call: SessionCall, listed: ListedSession): Promise<void> => {
  const { service } = call
  await service.connections.terminate(listed, { at: service.now(), actor: actorOf(call) })
  await end(service, listed)
}

/** Ends a session that is marked, for good: with its tokens, so that it doesn't come back by one. Each step can be
 * repeated: it is listed until the last. */
const end = (service: Parts, { connection, session }: ListedSession): Promise<void> =>
  afterMark(async () => {
    await service.sessions.dropCopies(session, connection)
    // After the mark, since the session makes no more tokens then.
    await endTokens(service, session)
    await endSocket(service, connection, session)
  })

const allSessions = ({ service, session }: SessionCall) => service.sessions.all(session.tenant)
