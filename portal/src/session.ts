/**
 * Who is signed in, and the one socket of the page. Kept in the tab: a single-use token that logs in
 * again after a lost connection or a reload. Never a password, never a key.
 */
import { createContext, use, useSyncExternalStore } from 'react'
import {
  type Client,
  createClient,
  type Result,
  RpcError,
  type State,
  tokenLogin,
  VERSION,
} from '../../client/index.ts'

export type Me = Result<'auth.me'>

export type Phase =
  /** A token is there, or was just used: soon it is known who this is. */
  | { readonly name: 'entering' }
  | { readonly name: 'failed'; readonly error: unknown }
  | { readonly name: 'signedOut'; readonly ended: boolean }
  | { readonly name: 'signedIn'; readonly me: Me }

export type Link = { readonly state: State; readonly retryAt: number | null }

export type Credentials = {
  /** Empty: the one that the host or the service's settings name. */
  readonly tenant: string
  readonly username: string
  readonly password: string
  /** Asked when the service wants a second factor. */
  readonly code: () => Promise<string>
}

const TOKEN = 'keyharbor.token'

export const createSession = () => {
  const tokens = tokenLogin({
    get: () => sessionStorage.getItem(TOKEN),
    set: (token) =>
      token === null ? sessionStorage.removeItem(TOKEN) : sessionStorage.setItem(TOKEN, token),
  })
  const client = createClient({ url: addressOf(location), login: tokens.login })
  const listeners = new Set<() => void>()
  let phase: Phase = { name: 'entering' }
  let link: Link = { state: client.state, retryAt: null }

  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  const enter = async (): Promise<void> => {
    try {
      const me = await client.call('auth.me')
      // Signed out while it was asked.
      if (client.state !== 'online') return
      phase = { name: 'signedIn', me }
    } catch (error) {
      // Who is in stays in; a lost connection comes back by itself, and asks again.
      if (phase.name !== 'signedIn' && client.state === 'online') phase = { name: 'failed', error }
    }
    tell()
  }
  const leave = (ended: boolean): void => {
    phase = { name: 'signedOut', ended }
    tell()
  }

  client.onState((state, { retryAt }) => {
    link = { state, retryAt: retryAt ?? null }
    // Roles may have changed meanwhile, so the service is asked again who this is.
    if (state === 'online') void enter()
    if (state === 'signedOut') leave(phase.name === 'signedIn')
    tell()
  })

  return {
    client: client as Client,
    phase: (): Phase => phase,
    link: (): Link => link,
    listen: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async signIn(who: Credentials) {
      const { tenant, ...user } = who
      const named = tenant === '' ? user : who
      const outcome = await tokens.signIn(client.call, named)
      if (outcome === 'SUCCESS') client.signedIn()
      return outcome
    },
    /** Makes the page's token anew, where the one before died. Without it the next reload asks to sign in. */
    renewToken: (): Promise<void> => tokens.renew(client.call).catch(() => undefined),
    /** Asks anew who this is and what they may do. */
    refresh: (): void => void enter(),
    async signOut(): Promise<void> {
      // Without a connection at once: nothing is kept here from now on.
      if (client.state !== 'online') leave(false)
      try {
        await tokens.signOut(client.call)
      } catch (error) {
        // The service didn't end the session; the end of its socket does, and there is no token to come back by.
        if (error instanceof RpcError) location.reload()
      }
      leave(false)
    },
  }
}

export type Session = ReturnType<typeof createSession>

export const SessionContext = createContext<Session | null>(null)

export const useSession = (): Session => {
  const session = use(SessionContext)
  if (session === null) throw new Error('a part of the page is outside of the session')
  return session
}

export const usePhase = (): Phase => {
  const { listen, phase } = useSession()
  return useSyncExternalStore(listen, phase)
}

export const useLink = (): Link => {
  const { listen, link } = useSession()
  return useSyncExternalStore(listen, link)
}

/** The user who is signed in, and what they may do. Only for what is shown to such a user. */
export const useMe = () => {
  const phase = usePhase()
  if (phase.name !== 'signedIn') throw new Error('nobody is signed in')
  const { me } = phase
  return { me, can: (role: string): boolean => me.privilege.roles.has(role) }
}

// ---------------------------------------------------------------------------------------------

/** Always TLS: a password must not be typed into a page that came in clear. */
const addressOf = ({ host }: Location): string => `wss://${host}/api/${VERSION}`
