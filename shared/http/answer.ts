/** What is said of a key (RFC 7662 §2.2): everything of a good one, and nothing of any other. */
import { endOf } from '../keys/rules.ts'
import type { ActiveKey } from './authenticate-and-check.ts'

export type Answer =
  | { readonly active: false }
  | {
      readonly active: true
      /** The key's id. */
      readonly client_id: string
      /** Number of the key's user. */
      readonly sub: string
      readonly username: string | null
      readonly scope: string
      readonly token_type: 'Bearer'
      /** Seconds since the epoch: when the secret or the token was made, and when it ends. */
      readonly iat: number
      readonly exp?: number
    }

export const answerOf = (good: ActiveKey | null): Answer =>
  good === null ? INACTIVE : active(good)

// ---------------------------------------------------------------------------------------------

const INACTIVE: Answer = { active: false }

const active = (good: ActiveKey): Answer => {
  const { key, generation, token } = good
  // Which secret was presented: the former one of a reset ends with its grace.
  const former = key.former?.generation === generation ? key.former : null
  const { issuedAt } = token ?? former ?? key.secret
  const ends = Math.min(endOf(key, generation), token?.expires ?? Infinity)
  return {
    active: true,
    client_id: String(key.id),
    sub: String(key.uid),
    username: key.username,
    scope: key.roles.join(' '),
    token_type: 'Bearer',
    iat: seconds(issuedAt),
    ...(ends !== Infinity && { exp: seconds(ends) }),
  }
}

const seconds = (ms: number): number => Math.floor(ms / 1000)
