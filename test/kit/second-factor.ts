/** A second factor as its user has it: in an app, confirmed. */
import { type TOTP, URI } from 'otpauth'
import type { Peer } from './peer.ts'

/** The part of a session that it takes. */
type Caller = Pick<Peer, 'call'>
type Made = { twofactor_config: { provisioning_uri: string } }
export type Factor = {
  /** The code of this moment. */
  readonly code: () => string
  readonly codeAt: (ms: number) => string
  readonly recovery: readonly string[]
}

/** What an authenticator app makes of the answer: codes of the moment. */
export const appOf = (made: Made, now: () => number): (() => string) => {
  const codeAt = codesOf(made.twofactor_config.provisioning_uri)
  return () => codeAt(now())
}

/** What an authenticator app makes of an address, or of a secret alone. */
export const codesOf = (uri: string): ((ms: number) => string) => {
  const device = URI.parse(uri) as TOTP
  return (timestamp) => device.generate({ timestamp })
}

/** Sets up a second factor, on a session by password. The code of this moment is used up by it. */
export const setUpFactor = async (
  peer: Caller,
  username: string,
  now: () => number,
  proof: object = {},
): Promise<Factor> => {
  const made = await peer.call<Made>('user.renew_2fa_secret', username, {})
  const codeAt = codesOf(made.twofactor_config.provisioning_uri)
  const code = () => codeAt(now())
  const { recovery_codes: recovery } = await peer.call<{ recovery_codes: string[] }>(
    'user.confirm_2fa_secret',
    username,
    { code: code(), ...proof },
  )
  return { code, codeAt, recovery }
}
