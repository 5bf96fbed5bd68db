/** Search as you type over name and user; conditions on other fields on request. */
import { Suspense, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { lazily } from '../ui/lazily.ts'
import { SearchBox } from '../ui/search-box.tsx'
import type { Condition } from './advanced.ts'

const ConditionsForm = lazily(async () => (await import('./conditions-form.tsx')).ConditionsForm)

type Props = {
  readonly text: string
  readonly onText: (text: string) => void
  readonly conditions: readonly Condition[]
  readonly onConditions: (conditions: readonly Condition[]) => void
}

export const SearchBar = ({ text, onText, conditions, onConditions }: Props) => {
  const [advanced, setAdvanced] = useState(conditions.length > 0)
  return (
    <search className="search-bar">
      <SearchBox label="Search name and username" text={text} onText={onText} />
      <Button aria-expanded={advanced} onPress={() => setAdvanced(!advanced)}>
        Filter{conditions.length > 0 && ` (${conditions.length})`}
      </Button>
      {advanced && (
        <Suspense>
          <ConditionsForm conditions={conditions} onChange={onConditions} />
        </Suspense>
      )}
    </search>
  )
}
