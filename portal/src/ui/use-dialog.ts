/** Which dialog is open over a screen; when the last one closes, the focus is where it was before the first. */
import { useCallback, useRef, useState } from 'react'

export const useDialog = <T>() => {
  const [open, setOpen] = useState<T | null>(null)
  const opener = useRef<HTMLElement | null>(null)
  const show = useCallback((next: T | null): void => {
    if (next !== null) opener.current ??= whoOpens()
    else {
      giveFocus(opener.current)
      opener.current = null
    }
    setOpen(next)
  }, [])
  return [open, show] as const
}

// ---------------------------------------------------------------------------------------------

/** An item of a menu goes with the menu: then it is the menu's button. */
const whoOpens = (): HTMLElement | null =>
  document.querySelector<HTMLElement>('[aria-haspopup][aria-expanded="true"]') ??
  (document.activeElement as HTMLElement | null)

/** A dialog that followed another one doesn't know where the focus came from: React Aria, which gives it back
 * one frame later, then leaves it nowhere. */
const giveFocus = (to: HTMLElement | null): void => {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) to?.focus()
    }),
  )
}
