/** Who is logged in: from where, by what; and an end to it. */
import { useCallback, useEffect, useState } from 'react'
import { useMe, useSession } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { useNotice } from '../ui/notices.tsx'
import { Problem } from '../ui/problem.tsx'
import { useTitle } from '../ui/title.ts'
import { useLoaded } from '../ui/use-loaded.ts'
import { SessionTable } from './table.tsx'

/** Sessions shown at a time. */
const SHOWN = 200
/** There is no event for sessions: the list is read again so often, in milliseconds. */
const REFRESH_MS = 30_000

export const SessionsScreen = () => {
  useTitle('Sessions')
  const { client } = useSession()
  const { can } = useMe()
  const say = useNotice()
  const [isEndingAll, setEndingAll] = useState(false)
  const load = useCallback(
    () => client.rows('auth.sessions', [], { order_by: ['-created_at'], limit: SHOWN + 1 }),
    [client],
  )
  const { value, busy, error, reload } = useLoaded(load)
  useEffect(() => {
    const timer = setInterval(() => document.hidden || reload(), REFRESH_MS)
    return () => clearInterval(timer)
  }, [reload])
  const sessions = value ?? []

  const end = async (id: string): Promise<void> => {
    const wasThere = await client.call('auth.terminate_session', id)
    say(wasThere ? 'Session ended' : 'That session had ended already')
    reload()
  }
  const endAll = async (): Promise<void> => {
    await client.call('auth.terminate_other_sessions')
    say('All other sessions ended')
    reload()
  }

  return (
    <>
      <div className="heading">
        <h1>Sessions</h1>
        <Button onPress={reload}>Refresh</Button>
        {can('AUTH_SESSIONS_WRITE') && sessions.length > 1 && (
          <Button kind="danger" onPress={() => setEndingAll(true)}>
            End all others
          </Button>
        )}
      </div>
      <Problem error={error} onRetry={reload} />
      <SessionTable
        sessions={sessions.slice(0, SHOWN)}
        busy={busy}
        onEnd={can('AUTH_SESSIONS_WRITE') ? end : null}
      />
      {sessions.length > SHOWN && <p className="muted">The newest {SHOWN} sessions.</p>}
      {isEndingAll && (
        <Confirm
          title="End All Other Sessions"
          action="End all others"
          run={endAll}
          onClose={() => setEndingAll(false)}
        >
          <p>
            Everybody in this tenant is signed out but you, on this page; programs and devices that
            are connected by a key too. They can log in again.
          </p>
        </Confirm>
      )}
    </>
  )
}
