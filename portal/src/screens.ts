/** The screens that the portal has a link to. */

type Screen = { readonly path: string; readonly text: string; readonly role: string | null }

/** What the user menu of TrueNAS calls so too. Shown to who may. */
export const SCREENS: readonly Screen[] = [
  { path: '/keys', text: 'User API Keys', role: 'API_KEY_READ' },
  { path: '/my-keys', text: 'My API Keys', role: null },
  { path: '/users', text: 'Users', role: 'ACCOUNT_READ' },
  { path: '/sessions', text: 'Sessions', role: 'AUTH_SESSIONS_READ' },
]
