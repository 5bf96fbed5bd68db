/** Counts how logins end, whatever the mechanism. Not the question for a second factor, which is no end. */

import type { Parts } from '../parts.ts'
import type { Connection } from '../store/connection-items.ts'
import type { LiveSession } from './session.ts'

export type Login =
  | { readonly outcome: 'SUCCESS'; readonly session: LiveSession }
  | { readonly outcome: 'AUTH_ERR' | 'EXPIRED' | 'DENIED' }
  | { readonly outcome: 'OTP_REQUIRED'; readonly username: string }

/** What logins use, whatever the mechanism. */
type LoginParts = Pick<
  Parts,
  | 'connections'
  | 'env'
  | 'keys'
  | 'log'
  | 'metrics'
  | 'now'
  | 'passwords'
  | 'passwordSlots'
  | 'scramIterations'
  | 'seen'
  | 'sessions'
  | 'tenants'
  | 'tokens'
  | 'tries'
  | 'users'
  | 'vault'
  | 'waitForStep'
>
export type Peer = { readonly service: LoginParts; readonly connection: Connection }

/** @returns the login, counted. */
export const count = ({ metrics }: Pick<Parts, 'metrics'>, login: Login): Login => {
  if (login.outcome === 'SUCCESS') metrics.add('LoginSucceeded')
  else if (login.outcome !== 'OTP_REQUIRED') metrics.add('LoginFailed')
  return login
}

/** The same mechanism; each login by it is counted. */
export const counted =
  <A extends unknown[]>(mechanism: (peer: Peer, ...args: A) => Promise<Login>) =>
  async (peer: Peer, ...args: A): Promise<Login> =>
    count(peer.service, await mechanism(peer, ...args))
