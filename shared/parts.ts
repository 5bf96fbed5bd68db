/**
 * The parts of the service by name (`service.ts` makes them). A command names those that it uses, such as
 * `Pick<Parts, 'keys' | 'now'>`, so that a reader sees what it may touch, and a smaller function needs no others.
 */

import type { Passwords } from './crypto/password.ts'
import type { Signing } from './crypto/signing-keys.ts'
import type { Vault } from './crypto/vault.ts'
import type { Env } from './env.ts'
import type { AccessTokens } from './keys/access-token.ts'
import type { Seen } from './keys/seen.ts'
import type { CheckLimits } from './limits/checks.ts'
import type { SessionCalls } from './limits/session-calls.ts'
import type { Slots } from './limits/slots.ts'
import type { waitForStep } from './limits/steps.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Push } from './sessions/push.ts'
import type { Connections } from './store/connections.ts'
import type { Copies } from './store/copies.ts'
import type { Db } from './store/db.ts'
import type { Devices } from './store/devices.ts'
import type { Keys } from './store/keys.ts'
import type { OnceStore } from './store/once.ts'
import type { Propagations } from './store/propagations.ts'
import type { Sessions } from './store/sessions.ts'
import type { SigningKeys } from './store/signing-keys.ts'
import type { Tenants } from './store/tenants.ts'
import type { Tokens } from './store/tokens.ts'
import type { TryStore } from './store/tries.ts'
import type { Users } from './store/users.ts'

export type Parts = {
  readonly env: Env
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds since some moment, by a clock that never goes back. */
  readonly elapsed: () => number
  readonly log: Log
  readonly metrics: Metrics
  readonly waitForStep: typeof waitForStep

  readonly passwords: Passwords
  /** Rounds of PBKDF2 for each new secret. */
  readonly scramIterations: number
  readonly vault: Vault
  readonly signing: Signing
  readonly accessTokens: AccessTokens

  readonly tenants: Tenants
  readonly users: Users
  readonly keys: Keys
  readonly devices: Devices
  readonly sessions: Sessions
  readonly connections: Connections
  readonly copies: Copies
  readonly tokens: Tokens
  readonly push: Push
  readonly tries: TryStore
  readonly once: OnceStore
  readonly propagations: Propagations
  readonly signingKeys: SigningKeys
  /** What the expiry index has for the sweep. */
  readonly due: Db['due']

  readonly seen: Seen
  readonly passwordSlots: Slots
  readonly checkLimits: CheckLimits
  readonly sessionCalls: SessionCalls
}
