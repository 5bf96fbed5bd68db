/** Non-expiring, or a day to come. A key expires at the beginning of that day, as on TrueNAS. */
import { type CalendarDate, getLocalTimeZone, today } from '@internationalized/date'
import { DayField } from '../ui/day-field.tsx'
import { Checkbox } from '../ui/field.tsx'

type Props = {
  /** Null: never. */
  readonly value: CalendarDate | null
  readonly onChange: (value: CalendarDate | null) => void
}

export const ExpiryField = ({ value, onChange }: Props) => {
  const earliest = today(getLocalTimeZone()).add({ days: 1 })
  return (
    <>
      <Checkbox
        isSelected={value === null}
        onChange={(never) => onChange(never ? null : earliest.add({ months: 3 }))}
      >
        Non-expiring
      </Checkbox>
      {value !== null && (
        <DayField
          label="Expires On"
          name="expires_at"
          earliest={earliest}
          value={value}
          onChange={(day) => onChange(day)}
          hint="The key is refused from the beginning of that day, in your time zone."
        />
      )}
    </>
  )
}

/** Local midnight, as TrueNAS's own screen sends it. */
export const momentOf = (day: CalendarDate | null): Date | null =>
  day === null ? null : day.toDate(getLocalTimeZone())
