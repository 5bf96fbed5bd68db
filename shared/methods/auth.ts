/** `auth.*` for who is logged in: tokens, sessions, who am I (PROTOCOL 3.3–3.5). */
import * as z from 'zod'
import { endSocket } from '../live/fanout.ts'
import { method, type SessionCall } from '../rpc/method.ts'
import { QueryFilters } from '../rpc/query/filters.ts'
import { QueryOptions } from '../rpc/query/options.ts'
import { queryInTurns } from '../rpc/query/query.ts'
import { resultOf } from '../rpc/query/result.ts'
import { Text, Whole } from '../rpc/schema.ts'
import { rootOf, type Session } from '../store/connection-items.ts'
import { Me, me } from './me.ts'
import { SessionEntry, sessionEntry } from './session_entry.ts'
import { makeToken } from './token.ts'

/** Seconds; the longest that a session of an authenticator of level 1 lasts (PROTOCOL 3.6). */
const LONGEST_TTL = 30 * 86_400

export const generateToken = method({
  name: 'auth.generate_token',
  summary: 'Makes a token that logs in again as the caller. Its time runs from the last use.',
  access: 'session',
  params: {
    ttl: Whole.min(1).max(LONGEST_TTL).nullable().default(600),
    attrs: z.record(Text, z.unknown()).default({}),
    match_origin: z.boolean().default(true),
    single_use: z.boolean().default(false),
  },
  result: z.string(),
  run: ({ ttl, attrs, match_origin, single_use }, { service, session, connection }) =>
    makeToken(service, session, {
      seconds: ttl ?? 600,
      address: match_origin ? connection.address : null,
      singleUse: single_use,
      canLogIn: Object.keys(attrs).length === 0,
    }),
})

export const logout = method({
  name: 'auth.logout',
  summary: 'Ends the session and its subscriptions. The socket stays open for another login.',
  access: 'session',
  devices: true,
  params: {},
  result: z.literal(true),
  run: async (_, { service, session, connection }) => {
    await service.tokens.endOf(session, service.now())
    await service.connections.logout(connection)
    return true as const
  },
})

export const meMethod = method({
  name: 'auth.me',
  summary: 'Who the caller is, and what he may do.',
  access: 'session',
  devices: true,
  params: {},
  result: Me,
  run: (_, { service, session }) => me(service, session),
})

export const sessions = method({
  name: 'auth.sessions',
  summary: "Lists the sessions of the tenant's users.",
  access: ['AUTH_SESSIONS_READ'],
  params: { filters: QueryFilters, options: QueryOptions },
  result: resultOf(SessionEntry),
  row: SessionEntry,
  filterable: true,
  run: async ({ filters, options }, call) => {
    const rows: SessionEntry[] = []
    for await (const one of allSessions(call))
      rows.push(sessionEntry(one, one.session.id === call.session.id))
    return queryInTurns(rows, filters, options)
  },
})

export const terminateSession = method({
  name: 'auth.terminate_session',
  summary: 'Ends a session and closes its socket. False if there is no such session.',
  access: ['AUTH_SESSIONS_WRITE'],
  params: { id: Text },
  result: z.boolean(),
  run: async ({ id }, call) => {
    for await (const { connection, session } of allSessions(call)) {
      if (session.id !== id) continue
      await end(call, connection, session)
      return true
    }
    return false
  },
})

export const terminateOtherSessions = method({
  name: 'auth.terminate_other_sessions',
  summary: "Ends all sessions of the tenant's users but the caller's.",
  access: ['AUTH_SESSIONS_WRITE'],
  params: {},
  result: z.literal(true),
  run: async (_, call) => {
    for await (const { connection, session } of allSessions(call)) {
      if (session.id === call.session.id) continue
      // What goes on from the caller's own login, such as a socket of his that was lost, ends without its
      // tokens: they are his too, and he would be signed out with the others.
      if (rootOf(session) === rootOf(call.session))
        await endSocket(call.service, connection, session)
      else await end(call, connection, session)
    }
    return true as const
  },
})

// ---------------------------------------------------------------------------------------------

/** Ends a session for good: with its tokens, so that it doesn't come back by one. */
const end = async ({ service }: SessionCall, connection: string, session: Session) => {
  await service.tokens.endOf(session, service.now())
  await endSocket(service, connection, session)
}

const allSessions = ({ service, session }: SessionCall) =>
  service.connections.sessions(session.tenant)
