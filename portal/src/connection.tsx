/** Says when the socket is gone, and when it is tried again. What is on the page stays there. */
import { useEffect, useState } from 'react'
import { useLink, useSession } from './session.ts'
import { Button } from './ui/button.tsx'

export const ConnectionBanner = () => {
  const { client } = useSession()
  const { state, retryAt } = useLink()
  const seconds = useSecondsUntil(retryAt)
  const isLost = useLate(state === 'offline' || state === 'connecting')
  return (
    <div className="connection" role="status" hidden={!isLost}>
      {isLost && (
        <>
          <p>
            The connection is lost; what you see may be out of date.{' '}
            {/* Not read out each second. */}
            <span aria-hidden="true">
              {seconds === null || seconds <= 0 ? 'Connecting…' : `Next try in ${seconds} s.`}
            </span>
          </p>
          <Button onPress={() => client.reconnect()}>Try now</Button>
        </>
      )}
    </div>
  )
}

// ---------------------------------------------------------------------------------------------

/** A connection that comes at once, as the first one does, isn't lost. */
const PATIENCE_MS = 400

const useLate = (isSo: boolean): boolean => {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(isSo), isSo ? PATIENCE_MS : 0)
    return () => clearTimeout(timer)
  }, [isSo])
  return isSo && isLate
}

const useSecondsUntil = (moment: number | null): number | null => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (moment === null) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [moment])
  return moment === null ? null : Math.ceil((moment - now) / 1000)
}
