import { Button } from '../ui/button.tsx'
import { PAGE_SIZE } from './listed.ts'

type Props = {
  readonly page: number
  readonly rows: readonly unknown[]
  readonly busy: boolean
  readonly next: (() => void) | null
  readonly previous: (() => void) | null
  /** How many there are in all; null where that isn't known. */
  readonly total: number | null
}

export const Pager = ({ page, rows, busy, next, previous, total }: Props) => {
  if (next === null && previous === null) return null
  const from = (page - 1) * PAGE_SIZE + 1
  const range = rows.length === 0 ? 'none' : `${number(from)}–${number(from + rows.length - 1)}`
  return (
    <nav className="pager" aria-label="Pages">
      <p role="status">
        {range}
        {total !== null && ` of ${number(total)}`}
      </p>
      <Button isDisabled={previous === null} isPending={busy} onPress={() => previous?.()}>
        Previous
      </Button>
      <Button isDisabled={next === null} isPending={busy} onPress={() => next?.()}>
        Next
      </Button>
    </nav>
  )
}

// ---------------------------------------------------------------------------------------------

const number = (value: number): string => value.toLocaleString('en')
