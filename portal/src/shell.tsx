/** The frame around every screen: where to go, who is signed in, and how the connection is. */
import { Suspense } from 'react'
import { Link, Route, Router, Switch, useLocation } from 'wouter'
import { useHashLocation } from 'wouter/use-hash-location'
import { ConnectionBanner } from './connection.tsx'
import { KeysScreen } from './keys/screen.tsx'
import { SCREENS } from './screens.ts'
import { useMe } from './session.ts'
import { lazily } from './ui/lazily.ts'
import { Logo } from './ui/logo.tsx'

const UserMenu = lazily(async () => (await import('./user-menu.tsx')).UserMenu)
const UsersScreen = lazily(async () => (await import('./users/screen.tsx')).UsersScreen)
const SessionsScreen = lazily(async () => (await import('./sessions/screen.tsx')).SessionsScreen)
const AccountScreen = lazily(async () => (await import('./account/screen.tsx')).AccountScreen)

export const Shell = () => (
  // In the hash: any static host serves every address, and none of it is sent to a server.
  <Router hook={useHashLocation}>
    <Frame />
  </Router>
)

// ---------------------------------------------------------------------------------------------

const Frame = () => {
  const { me, can } = useMe()
  const [at] = useLocation()
  const screens = SCREENS.filter(({ role }) => role === null || can(role))
  return (
    <>
      <button type="button" className="skip-link" onClick={focusMain}>
        Skip to the content
      </button>
      <header className="top">
        <Logo />
        <nav aria-label="Main">
          <ul>
            {screens.map(({ path, text }) => (
              <li key={path}>
                <Link href={path} aria-current={isAt(at, path) ? 'page' : undefined}>
                  {text}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <Suspense fallback={<span className="button quiet user-menu">{me.pw_name}</span>}>
          <UserMenu />
        </Suspense>
      </header>
      <ConnectionBanner />
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<p role="status">Loading…</p>}>
          <Switch>
            <Route path="/my-keys">
              <KeysScreen key="mine" owner={me.pw_name} />
            </Route>
            <Route path="/users">
              <UsersScreen />
            </Route>
            <Route path="/sessions">
              <SessionsScreen />
            </Route>
            <Route path="/account">
              <AccountScreen />
            </Route>
            <Route path="/keys/:owner">
              {({ owner }) => <KeysScreen key={owner} owner={owner ?? ''} />}
            </Route>
            <Route>
              {can('API_KEY_READ') ? (
                <KeysScreen key="all" owner={null} />
              ) : (
                <KeysScreen key="mine" owner={me.pw_name} />
              )}
            </Route>
          </Switch>
        </Suspense>
      </main>
    </>
  )
}

const isAt = (at: string, path: string): boolean =>
  at === path || at.startsWith(`${path}/`) || (path === '/keys' && at === '/')

/** A button, not a link: the hash is taken by the routes. */
const focusMain = (): void => document.getElementById('main')?.focus()
