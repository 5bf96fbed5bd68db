/** A search as one types: what was typed is handed on when no key was hit for a moment. */
import { useEffect, useState } from 'react'
import { Button } from 'react-aria-components/Button'
import { Input, Label, SearchField } from 'react-aria-components/SearchField'

/** Milliseconds without a keystroke until it is asked for. */
const SETTLE_MS = 250

type Props = {
  readonly label: string
  readonly text: string
  readonly onText: (text: string) => void
}

export const SearchBox = ({ label, text, onText }: Props) => {
  const [typed, setTyped] = useState(text)
  useEffect(() => {
    if (typed === text) return
    const timer = setTimeout(() => onText(typed), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [typed, text, onText])
  return (
    <SearchField className="search" value={typed} onChange={setTyped} onSubmit={onText}>
      <Label className="visually-hidden">{label}</Label>
      <Input className="input" placeholder={label} maxLength={200} />
      <Button className="search-clear" aria-label="Clear the search">
        <span aria-hidden="true">×</span>
      </Button>
    </SearchField>
  )
}
