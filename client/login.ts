/** Ways to log in. What is secret stays in the closure that needs it, and is in no error. */

import { isSessionGone, SignedOut } from './errors.ts'
import type { Call, Login, Result } from './types.ts'

/**
 * Logs in by an API key.
 *
 * @param username the key's owner, or null: the key alone.
 * @param options `insecure` lets it go over `ws:`, where the service revokes keys that it sees; for test
 * rigs that leave them alone.
 * @example
 * ```ts
 * const login = keyLogin('admin', process.env.API_KEY ?? '')
 * ```
 */
export const keyLogin = (
  username: string | null,
  key: string,
  { insecure = false }: { readonly insecure?: boolean } = {},
): Login => {
  const login = async (call: Call): Promise<void> => {
    const outcome =
      username === null
        ? (await call('auth.login_with_api_key', key)) && 'SUCCESS'
        : (
            await call('auth.login_ex', {
              mechanism: 'API_KEY_PLAIN',
              username,
              api_key: key,
              login_options: { user_info: false },
            })
          ).response_type
    if (outcome !== 'SUCCESS')
      throw new SignedOut(REFUSED[outcome || 'AUTH_ERR'] ?? 'The key was refused')
  }
  return insecure ? login : Object.assign(login, { secureOnly: true as const })
}

export type SignIn = 'SUCCESS' | 'AUTH_ERR' | 'EXPIRED' | 'DENIED'

export type TokenStore = { get(): string | null; set(token: string | null): void }

export type Who = {
  readonly tenant?: string
  readonly username: string
  readonly password: string
  /** Called when the service asks for a second factor, up to three times if the code is wrong. */
  readonly code?: () => Promise<string>
}

export type TokenLogin = {
  /** For the client: by the stored token, which is replaced by the next one. */
  readonly login: Login
  /** By password and second factor. Tell the client by `signedIn()` when it was a success. */
  signIn(call: Call, who: Who): Promise<SignIn>
  /** Replaces the stored token by a fresh one; the client does so every four minutes. */
  renew(call: Call): Promise<void>
  /** Ends the session. The token is forgotten even if that fails. */
  signOut(call: Call): Promise<void>
}

/**
 * A session that outlives its socket by a token that is good once. The password is used once, not kept.
 *
 * @param store where the token is kept, such as `sessionStorage`.
 * @example
 * ```ts
 * let token: string | null = null
 * const session = tokenLogin({ get: () => token, set: (next) => void (token = next) })
 * const client = createClient({ url: 'wss://keys.example.com/api/current', login: session.login })
 * const outcome = await session.signIn(client.call, { username, password })
 * if (outcome === 'SUCCESS') client.signedIn()
 * ```
 */
export const tokenLogin = (store: TokenStore): TokenLogin => {
  const renew = async (call: Call): Promise<void> => {
    const before = store.get()
    if (before === null) return
    const token = await call('auth.generate_token', TOKEN_SECONDS, {}, true, true)
    // Signed out, or logged in anew, while it was made.
    if (store.get() === before) store.set(token)
  }

  const login = async (call: Call): Promise<void> => {
    const token = store.get()
    if (token === null) throw new SignedOut('Nobody is signed in')
    const answer = await call('auth.login_ex', { mechanism: 'TOKEN_PLAIN', token, login_options })
    if (keep(answer) !== 'SUCCESS') throw new SignedOut('The session has ended')
  }

  /** Keeps the next token of a success; of anything else, none. */
  const keep = (answer: Result<'auth.login_ex'>): SignIn | 'OTP_REQUIRED' => {
    const { response_type: outcome } = answer
    store.set(outcome === 'SUCCESS' ? (answer.reconnect_token ?? null) : null)
    if (outcome === 'SCRAM_RESPONSE') throw new Error('The service answered another mechanism')
    return outcome
  }

  return {
    login: Object.assign(login, { keepAlive: renew }),
    renew,

    async signIn(call, { tenant, username, password, code }) {
      const name = tenant === undefined ? username : `${username}@${tenant}`
      for (let tries = 1; ; tries++) {
        const first = keep(
          await call('auth.login_ex', {
            mechanism: 'PASSWORD_PLAIN',
            username: name,
            password,
            login_options,
          }),
        )
        if (first !== 'OTP_REQUIRED') return first
        if (code === undefined) throw new TypeError('A second factor is asked for: give `code`')
        const otp_token = await code()
        const second = keep(
          await call('auth.login_ex_continue', {
            mechanism: 'OTP_TOKEN',
            otp_token,
            login_options,
          }),
        )
        // A wrong code ends the login, so the password comes first again.
        if (second === 'AUTH_ERR' && tries < CODE_TRIES) continue
        return second === 'OTP_REQUIRED' ? 'AUTH_ERR' : second
      }
    },

    async signOut(call) {
      store.set(null)
      try {
        await call('auth.logout')
      } catch (error) {
        if (!isSessionGone(error)) throw error
      }
    },
  }
}

// ---------------------------------------------------------------------------------------------

/** How long a token waits for its use. */
export const TOKEN_SECONDS = 600
const CODE_TRIES = 3

const login_options = { user_info: false, reconnect_token: true }

const REFUSED: Readonly<Record<string, string>> = {
  AUTH_ERR: 'The key was refused',
  EXPIRED: 'The key is expired or revoked',
  DENIED: 'The owner of the key has no roles',
}
