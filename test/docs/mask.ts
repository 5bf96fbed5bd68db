/** Takes what is secret, or new each time, out of an example; what is left says what it is like. */
import { MASKED } from '../../shared/keys/entry.ts'
import { PASSWORDS } from './story.ts'

/** @param value as it stands on the wire. */
export const masked = (value: unknown): unknown => {
  if (typeof value === 'string') return maskedText(value)
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      NAMED.has(name) && typeof part === 'string' && part !== MASKED ? `(${name})` : masked(part),
    ]),
  )
}

// ---------------------------------------------------------------------------------------------

/** Members whose whole value is a secret, or material of one. */
const NAMED = new Set([
  ...['password', 'new_password', 'old_password', 'otp_token', 'token', 'reconnect_token'],
  ...['code', 'salt', 'client_key', 'stored_key', 'server_key', 'provisioning_uri', 'secret'],
])

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(PASSWORDS.join('|'), 'g'), '(password)'],
  [/\b(\d{10})-[A-Za-z0-9]{64}\b/g, '$1-(secret)'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '(id)'],
  [
    /(?<![0-9a-z-])[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}(?![0-9a-z-])/g,
    '(recovery code)',
  ],
  [/(?<![A-Za-z0-9_+/-])[A-Za-z0-9_+/-]{40,}={0,2}(?![A-Za-z0-9])/g, '(token)'],
]

const maskedText = (text: string): string =>
  PATTERNS.reduce((left, [pattern, by]) => left.replace(pattern, by), text)
