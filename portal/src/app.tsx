/** Which page there is: entering, signing in, or what the user came for. */
import { Suspense, useEffect } from 'react'
import { ConnectionBanner } from './connection.tsx'
import { usePhase, useSession } from './session.ts'
import { SignIn } from './sign-in/sign-in.tsx'
import { lazily } from './ui/lazily.ts'
import { NoticeRegion } from './ui/notices.tsx'
import { Problem } from './ui/problem.tsx'
import { Waiting } from './ui/waiting.tsx'

// Who isn't signed in yet needn't wait for it.
const load = () => import('./shell.tsx')
const Shell = lazily(async () => (await load()).Shell)

export const App = () => {
  const session = useSession()
  const phase = usePhase()
  useEffect(() => void load(), [])
  return (
    <NoticeRegion>
      {phase.name === 'signedOut' && <SignIn ended={phase.ended} />}
      {phase.name !== 'signedIn' && <ConnectionBanner />}
      {phase.name === 'entering' && <Waiting what="Signing in" />}
      {phase.name === 'failed' && (
        <main className="waiting">
          <Problem error={phase.error} onRetry={session.refresh} />
        </main>
      )}
      {phase.name === 'signedIn' && (
        <Suspense fallback={<Waiting what="Loading" />}>
          <Shell />
        </Suspense>
      )}
    </NoticeRegion>
  )
}
