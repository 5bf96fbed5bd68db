/** A moment: how far away it is, and exactly when, on hover and to assistive devices. */
import { useEffect, useState } from 'react'

type Props = { readonly at: Date; readonly relative?: boolean }

export const Time = ({ at, relative = false }: Props) => {
  const now = useMinute()
  const exact = EXACT.format(at)
  return (
    <time dateTime={at.toISOString()} title={exact}>
      {relative ? distance(at, now) : exact}
      {relative && <span className="visually-hidden"> ({exact})</span>}
    </time>
  )
}

/** `in 3 weeks`, `2 hours ago`: in the largest unit of which there is at least one. */
export const distance = (at: Date, now: number): string => {
  const seconds = Math.round((at.getTime() - now) / 1000)
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1]
  return RELATIVE.format(Math.trunc(seconds / size), unit)
}

// ---------------------------------------------------------------------------------------------

const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** The present, anew each minute. */
const useMinute = (): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
