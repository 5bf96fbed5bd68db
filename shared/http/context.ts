/** What routes get: parts of the service, and facts of a request. */
import type { Parts } from '../parts.ts'

/** Parts for checks of keys and for making tenants. */
export type Checks = Pick<
  Parts,
  | 'accessTokens'
  | 'checkLimits'
  | 'env'
  | 'keys'
  | 'log'
  | 'metrics'
  | 'now'
  | 'once'
  | 'passwords'
  | 'seen'
  | 'sessions'
  | 'signing'
  | 'tenants'
  | 'vault'
  | 'waitForStep'
>

/** What the entry point knows of a request beside the request itself. */
export type Caller = {
  readonly address: string
  /** Protocol on which the viewer came, as the edge says. */
  readonly proto: string | undefined
  /** The host that the viewer asked for. */
  readonly host?: string
  /** Makes an answer with status 200, where one of the platform's own costs more than the check. Default: `Response`. */
  readonly respond?: (text: string, headers: Readonly<Record<string, string>>) => Response
}
export type Http = {
  Bindings: Caller
  Variables: { secure: boolean }
}
