import { useEffect } from 'react'

/** The title of the browser's window. */
export const useTitle = (title: string): void => {
  useEffect(() => {
    document.title = `${title} – Keyharbor`
  }, [title])
}
