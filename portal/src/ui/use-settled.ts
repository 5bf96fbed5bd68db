import { useEffect, useState } from 'react'

/** Milliseconds without a change until a value counts. */
const SETTLE_MS = 250

/** A value that is being typed, once nothing was typed for a moment. */
export const useSettled = <T>(value: T): T => {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
