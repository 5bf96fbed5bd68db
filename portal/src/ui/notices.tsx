/** Short notices of what was done, read out by screen readers and gone by themselves. */
import { createContext, type ReactNode, use, useCallback, useEffect, useState } from 'react'

type Notice = { readonly id: number; readonly text: string }

const Notices = createContext<(text: string) => void>(() => undefined)

export const useNotice = () => use(Notices)

/** Milliseconds that a notice stays. What it says stands on the page too. */
const STAYS_MS = 6000

export const NoticeRegion = ({ children }: { readonly children: ReactNode }) => {
  const [notice, setNotice] = useState<Notice | null>(null)
  const say = useCallback((text: string) => setNotice({ id: Date.now(), text }), [])
  useEffect(() => {
    if (notice === null) return
    const timer = setTimeout(() => setNotice(null), STAYS_MS)
    return () => clearTimeout(timer)
  }, [notice])
  return (
    <Notices value={say}>
      {children}
      {/* The attribute keeps React Aria from hiding it behind a dialog, where it is needed most. */}
      <div className="notices" role="status" data-live-announcer="true">
        {notice && (
          <p key={notice.id} className="notice">
            {notice.text}
          </p>
        )}
      </div>
    </Notices>
  )
}
