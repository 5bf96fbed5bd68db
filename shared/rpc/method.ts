/** What a method of the API is. The registry of all of them is `methods/index.ts`; dispatch,
 * validation, `core.get_methods` and documentation come from it. */
import type * as z from 'zod'
import { QueryFilters } from '../domain/query/filters.ts'
import { holds } from '../domain/roles.ts'
import type { Extension, Version } from '../domain/versions.ts'
import type { Parts } from '../parts.ts'
import type { Progress } from '../sessions/authority.ts'
import type { LiveSession } from '../sessions/session.ts'
import type { Connection } from '../store/connection-items.ts'
import type { Encoded } from './frame.ts'
import type { Args, Params } from './params.ts'

/** Who may call: anybody (counted by the rate limit or not), any session, or one with one of the roles. */
export type Access = 'anybody' | 'anybody-uncounted' | 'session' | readonly [string, ...string[]]

/** True if a session may call a method. A device's key may call what it needs, and what anybody may. */
export const mayCall = (
  { roles, device }: LiveSession,
  { access, devices }: Pick<Method, 'access' | 'devices'>,
): boolean => {
  if (device && !devices && !isOpen(access)) return false
  return typeof access === 'string' || access.some((role) => holds(roles, role))
}

/** True if it may be called before login. */
export const isOpen = (access: Access): boolean =>
  access === 'anybody' || access === 'anybody-uncounted'

/** True if it takes query filters: they may have patterns, and be tried on many rows. */
export const takesFilters = ({ params }: Pick<Method, 'params'>): boolean =>
  Object.values<z.ZodType>(params).includes(QueryFilters)

export type Call = {
  /** All parts: a method hands each command those that it takes. */
  readonly service: Parts
  readonly methods: ReadonlyMap<string, Method>
  readonly connection: Connection
  /** The session, if one is logged in and holds. */
  readonly session: LiveSession | null
  /** When its frame came in, in milliseconds since the epoch. */
  readonly began: number
  readonly progress: Progress
}
/** A call that is only reached with a session. */
export type SessionCall = Call & { readonly session: LiveSession }

type Facts<P extends Params, R extends z.ZodType> = {
  readonly name: string
  /** One sentence for the documentation. */
  readonly summary: string
  /** By position: the order of the members is the order of the arguments. */
  readonly params: P
  readonly result: R
  /** The version of the API that brought it, if not all have it. */
  readonly since?: Version
  /** True if a device's key may call it, too, though it may check keys and nothing else. */
  readonly devices?: true
  /** True if it stops others, or finds what to stop: then it is to be had beyond a limit that others use up. */
  readonly stops?: true
  /** Of a method that TrueNAS doesn't have. */
  readonly extension?: Extension
  /** True if the first two parameters are query filters and options. */
  readonly filterable?: true
  /** What a query's rows are, or what `get_instance` shows before `select`. */
  readonly row?: z.ZodObject
}

export type Method = Facts<Params, z.ZodType> & {
  readonly access: Access
  readonly run: (args: never, call: never) => unknown
}

/** A method that a session must call; `run` gets the arguments by name. */
export const method = <P extends Params, R extends z.ZodType>(
  definition: Facts<P, R> & {
    readonly access: 'session' | readonly [string, ...string[]]
    readonly run: (args: Args<P>, call: SessionCall) => Promise<z.output<R>> | z.output<R> | Encoded
  },
): Method => definition

/** A method that anybody may call, logged in or not. */
export const openMethod = <P extends Params, R extends z.ZodType>(
  definition: Facts<P, R> & {
    readonly access: 'anybody' | 'anybody-uncounted'
    readonly run: (args: Args<P>, call: Call) => Promise<z.output<R>> | z.output<R>
  },
): Method => definition
