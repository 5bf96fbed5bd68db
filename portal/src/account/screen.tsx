/** The own account: roles, password, second factor. */
import { Suspense, useState } from 'react'
import { useMe, useSession } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { lazily } from '../ui/lazily.ts'
import { useTitle } from '../ui/title.ts'
import { PasswordForm } from './password-form.tsx'
import { Tries } from './tries.tsx'

const SecondFactorDialog = lazily(
  async () => (await import('../users/second-factor.tsx')).SecondFactorDialog,
)

export const AccountScreen = () => {
  useTitle('Account')
  const session = useSession()
  const { me } = useMe()
  const [isSettingUp, setSettingUp] = useState(false)
  const hasSecond = me.two_factor_config.secret_configured
  const close = (): void => {
    setSettingUp(false)
    session.refresh()
  }
  return (
    <>
      <h1>Account</h1>
      <dl className="facts">
        <dt>Username</dt>
        <dd>{me.pw_name}</dd>
        <dt>Full name</dt>
        <dd>{me.pw_gecos}</dd>
        <dt>Roles</dt>
        <dd>{[...me.privilege.roles].sort().join(', ')}</dd>
      </dl>
      <Tries tries={me.tries} />
      <section className="card" aria-labelledby="second-factor">
        <h2 id="second-factor">Second factor</h2>
        <p>
          {hasSecond
            ? 'Signing in takes your password and a code from your authenticator app.'
            : 'Signing in takes your password alone. A code from an authenticator app makes it safer.'}
        </p>
        <Button onPress={() => setSettingUp(true)}>
          {hasSecond ? 'Replace second factor' : 'Set up second factor'}
        </Button>
      </section>
      <section className="card" aria-labelledby="password">
        <h2 id="password">Password</h2>
        <PasswordForm />
      </section>
      <Suspense>
        {isSettingUp && <SecondFactorDialog username={me.pw_name} onClose={close} />}
      </Suspense>
    </>
  )
}
