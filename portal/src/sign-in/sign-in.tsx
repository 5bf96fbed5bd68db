/** Tenant, user, password; and the second factor when the service asks for one. */
import { useRef, useState } from 'react'
import { useSession } from '../session.ts'
import { Logo } from '../ui/logo.tsx'
import { CodeForm } from './code-form.tsx'
import { PasswordForm, type Who } from './password-form.tsx'

type Step =
  | { readonly name: 'password'; readonly problem: string | null }
  | { readonly name: 'code'; readonly problem: string | null }

export const SignIn = ({ ended }: { readonly ended: boolean }) => {
  const session = useSession()
  const [step, setStep] = useState<Step>({ name: 'password', problem: null })
  const giveCode = useRef<{ give(code: string): void; cancel(): void } | null>(null)

  const signIn = async (who: Who): Promise<void> => {
    let asked = 0
    const code = () =>
      new Promise<string>((give, reject) => {
        const cancel = () => reject(new Cancelled())
        giveCode.current = { give, cancel }
        setStep({
          name: 'code',
          problem: asked++ === 0 ? null : 'That code was not right. Try the next one.',
        })
      })
    try {
      const outcome = await session.signIn({ ...who, code })
      if (outcome !== 'SUCCESS')
        setStep({ name: 'password', problem: asked > 0 ? WRONG_CODES : REFUSED[outcome] })
    } catch (error) {
      // Whatever went wrong, the password comes first again: the service waits for no code any more.
      setStep({ name: 'password', problem: null })
      if (!(error instanceof Cancelled)) throw error
    } finally {
      giveCode.current = null
    }
  }

  return (
    <main className="sign-in">
      <div className="card">
        <Logo />
        <h1>{step.name === 'code' ? 'Second factor' : 'Sign in'}</h1>
        {ended && step.name === 'password' && step.problem === null && (
          <p role="status">Your session has ended. Sign in again to go on.</p>
        )}
        {step.problem !== null && (
          <p className="problem" role="alert">
            {step.problem}
          </p>
        )}
        {/* Hidden and not gone: what was typed is still there when a code was wrong. */}
        <div hidden={step.name !== 'password'}>
          <PasswordForm send={signIn} />
        </div>
        {step.name === 'code' && (
          <CodeForm
            send={(code) => giveCode.current?.give(code)}
            onCancel={() => giveCode.current?.cancel()}
          />
        )}
        <p className="sign-in-foot">
          <a href="/api/docs/">API documentation</a>
        </p>
      </div>
    </main>
  )
}

// ---------------------------------------------------------------------------------------------

class Cancelled extends Error {}

const WRONG_CODES = 'The codes were not right. Check the clock of the device that shows them.'

/** What a refusal means. The service doesn't say whether it was the user or the password, nor do we. */
const REFUSED = {
  AUTH_ERR: 'Tenant, user name or password is not right, or the user is locked.',
  EXPIRED: 'The sign-in took too long. Start again.',
  DENIED: 'This user has no roles. An administrator of the tenant can give some.',
} as const
