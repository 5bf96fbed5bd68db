/** How far a search got that takes several calls. A quick one shows nothing. */
import { ProgressBar } from 'react-aria-components/ProgressBar'
import type { Progress } from './page.ts'

type Props = {
  readonly progress: Progress | null
  readonly found: number
  readonly busy: boolean
}

export const SearchProgress = ({ progress, found, busy }: Props) => {
  if (!busy) return null
  if (progress === null)
    return (
      <p className="visually-hidden" role="status">
        Loading…
      </p>
    )
  const { done, of } = progress
  const text = `Searched ${done.toLocaleString('en')} of ${of.toLocaleString('en')} keys`
  return (
    <ProgressBar
      className="progress"
      aria-label="Search"
      value={done}
      maxValue={of}
      valueLabel={text}
    >
      {({ percentage = 0 }) => (
        <>
          <progress value={percentage} max={100} aria-hidden="true" />
          <span>
            {text}; {found} found so far.
          </span>
        </>
      )}
    </ProgressBar>
  )
}
