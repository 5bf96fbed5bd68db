/** A day, typed or picked from a calendar. */
import type { CalendarDate } from '@internationalized/date'
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
  /** Days before it are not offered. */
  readonly earliest: CalendarDate
  readonly value: CalendarDate
  readonly onChange: (value: CalendarDate) => void
}

export const DayField = ({ label, name, hint, earliest, value, onChange }: Props) => (
  <DatePicker
    className="field"
    name={name}
    minValue={earliest}
    value={value}
    onChange={(day) => day && onChange(day as CalendarDate)}
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
        <Calendar>
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
