/** A second factor as its user has it: in an app, confirmed. */
import { type TOTP, URI } from 'otpauth'
import type { Peer } from './peer.ts'

type Made = { twofactor_config: { provisioning_uri: string } }
export type Factor = { readonly code: () => string; readonly recovery: readonly string[] }

/** What an authenticator app makes of the answer: codes of the moment. */
export const appOf = (made: Made, now: () => number): (() => string) => {
  const device = URI.parse(made.twofactor_config.provisioning_uri) as TOTP
  return () => device.generate({ timestamp: now() })
}

/** Sets up a second factor, on a session by password. The code of this moment is used up by it. */
export const setUpFactor = async (
  peer: Pick<Peer, 'call'>,
  username: string,
  now: () => number,
  proof: object = {},
): Promise<Factor> => {
  const code = appOf(await peer.call<Made>('user.renew_2fa_secret', username, {}), now)
  const { recovery_codes: recovery } = await peer.call<{ recovery_codes: string[] }>(
    'user.confirm_2fa_secret',
    username,
    { code: code(), ...proof },
  )
  return { code, recovery }
}
