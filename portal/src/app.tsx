/** Which page there is: entering, signing in, or what the user came for. */
import { lazy, Suspense, useEffect } from 'react'
import { usePhase } from './session.ts'
import { SignIn } from './sign-in/sign-in.tsx'
import { NoticeRegion } from './ui/notices.tsx'
import { Waiting } from './ui/waiting.tsx'

// Who isn't signed in yet needn't wait for it.
const load = () => import('./shell.tsx')
const Shell = lazy(async () => ({ default: (await load()).Shell }))

export const App = () => {
  const phase = usePhase()
  useEffect(() => void load(), [])
  return (
    <NoticeRegion>
      {phase.name === 'signedOut' && <SignIn ended={phase.ended} />}
      {phase.name === 'entering' && <Waiting what="Signing in" />}
      {phase.name === 'signedIn' && (
        <Suspense fallback={<Waiting what="Loading" />}>
          <Shell />
        </Suspense>
      )}
    </NoticeRegion>
  )
}
