/** A day, typed or picked from a calendar. */
import type { CalendarDate } from '@internationalized/date'
import { useRef } from 'react'
import { Button } from 'react-aria-components/Button'
import {
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
} from 'react-aria-components/Calendar'
import {
  DateInput,
  DatePicker,
  DateSegment,
  FieldError,
  Group,
  Label,
  Text,
} from 'react-aria-components/DatePicker'
import { Dialog, Heading } from 'react-aria-components/Dialog'
import { Popover } from 'react-aria-components/Popover'

type Props = {
  readonly label: string
  readonly name: string
  readonly hint: string
  /** Days before it are neither offered nor taken. */
  readonly earliest: CalendarDate
  /** The day that is stored: it is taken although it comes before, for who leaves it changes nothing. */
  readonly kept: CalendarDate | null
  readonly value: CalendarDate
  readonly onChange: (value: CalendarDate) => void
}

export const DayField = ({ label, name, hint, earliest, kept, value, onChange }: Props) => {
  const field = useRef<HTMLDivElement>(null)
  const change = (day: CalendarDate | null): void => {
    if (day === null) return
    onChange(day)
    // An error that is shown is judged anew with each digit: were it gone only when the field is left, the
    // buttons would move below a press that has begun.
    const input = field.current?.querySelector(`input[name="${name}"]`)
    if (field.current?.hasAttribute('data-invalid')) input?.dispatchEvent(new Event('change'))
  }
  return (
    <DatePicker
      ref={field}
      className="field"
      name={name}
      minValue={kept?.compare(value) === 0 ? null : earliest}
      value={value}
      onChange={(day) => change(day as CalendarDate | null)}
      isRequired
    >
      <Label>{label}</Label>
      <Group className="day-group">
        <DateInput className="input day-input">
          {(segment) => <DateSegment segment={segment} className="day-segment" />}
        </DateInput>
        {/* React Aria names it so; who speaks to the page says what stands there. */}
        <Button className="button">Calendar</Button>
      </Group>
      <Text slot="description" className="hint">
        {hint}
      </Text>
      <FieldError className="field-error" />
      <Popover className="popover">
        <Dialog className="calendar-dialog" aria-label={label}>
          <Calendar minValue={earliest}>
            <header className="calendar-head">
              <Button slot="previous" className="button quiet">
                ‹
              </Button>
              <Heading />
              <Button slot="next" className="button quiet">
                ›
              </Button>
            </header>
            <CalendarGrid>
              <CalendarGridHeader>
                {(day) => <CalendarHeaderCell>{day}</CalendarHeaderCell>}
              </CalendarGridHeader>
              <CalendarGridBody>
                {(date) => <CalendarCell date={date} className="calendar-cell" />}
              </CalendarGridBody>
            </CalendarGrid>
          </Calendar>
        </Dialog>
      </Popover>
    </DatePicker>
  )
}
