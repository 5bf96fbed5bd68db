/** Non-expiring, or a day to come. A key expires at the beginning of that day, as on TrueNAS; a moment that
 * was set elsewhere stays as it is until another day is chosen, even one that has passed. */
import {
  type CalendarDate,
  fromDate,
  getLocalTimeZone,
  toCalendarDate,
  today,
} from '@internationalized/date'
import { DayField } from '../ui/day-field.tsx'
import { Checkbox } from '../ui/field.tsx'

type Props = {
  /** Null: never. */
  readonly value: CalendarDate | null
  readonly onChange: (value: CalendarDate | null) => void
  /** The key's expiry as it is, for a key that is there already. */
  readonly stored?: Date | null
}

export const ExpiryField = ({ value, onChange, stored = null }: Props) => {
  const earliest = today(getLocalTimeZone()).add({ days: 1 })
  const kept = dayOf(stored)
  return (
    <>
      <Checkbox
        isSelected={value === null}
        onChange={(never) => onChange(never ? null : (kept ?? earliest.add({ months: 3 })))}
      >
        Non-expiring
      </Checkbox>
      {value !== null && (
        <DayField
          label="Expires On"
          name="expires_at"
          earliest={earliest}
          kept={kept}
          value={value}
          onChange={(day) => onChange(day)}
          hint={
            stored !== null && isSame(value, kept)
              ? `The key is refused from ${EXACT.format(stored)}, in your time zone.`
              : 'The key is refused from the beginning of that day, in your time zone.'
          }
        />
      )}
    </>
  )
}

/** The day on which a moment is here; null for never. */
export const dayOf = (moment: Date | null): CalendarDate | null =>
  moment === null ? null : toCalendarDate(fromDate(moment, getLocalTimeZone()))

/** Local midnight, as TrueNAS's own screen sends it. */
export const momentOf = (day: CalendarDate | null): Date | null =>
  day === null ? null : day.toDate(getLocalTimeZone())

/** What to send of an expiry: nothing for the day that is stored, so that its moment isn't cut to that day. */
export const expiryChange = (
  day: CalendarDate | null,
  stored: Date | null,
): { readonly expires_at?: Date | null } =>
  isSame(day, dayOf(stored)) ? {} : { expires_at: momentOf(day) }

// ---------------------------------------------------------------------------------------------

const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

const isSame = (a: CalendarDate | null, b: CalendarDate | null): boolean =>
  a === null || b === null ? a === b : a.compare(b) === 0
