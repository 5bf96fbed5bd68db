/** The ISO-8601 texts that `.$date` filters take (docs/protocol/queries.md §6.1), as Python's `fromisoformat`. */
import { isReadable } from '../dates.ts'

const ISO =
  /^(\d{4})(-?)(\d\d)\2(\d\d)(?:[^\d](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/

/**
 * The moment that a text names; null if it is none. Week dates (`2026-W01-1`) aren't read. A text
 * without an offset is UTC: the genuine server keeps some of its datetimes naive and some aware
 * and refuses to compare the two kinds; ours are all aware.
 */
export const readTimestamp = (text: unknown): Date | null => {
  const found = typeof text === 'string' ? ISO.exec(text) : null
  if (found === null) return null
  const [, year, , month, day, hour = '00', minute = '00', second = '00', fraction, offset] = found
  const date = `${year}-${month}-${day}`
  const midnight = new Date(`${date}T00:00:00Z`)
  // A Date takes 31 February for 3 March, and 24:00 for the next day.
  if (!midnight.toJSON()?.startsWith(date) || Number(hour) > 23) return null
  const moment = new Date(
    `${date}T${hour}:${minute}:${second}.${(fraction ?? '').slice(0, 3).padEnd(3, '0')}${zone(offset)}`,
  )
  return isReadable(moment.getTime()) ? moment : null
}

// ---------------------------------------------------------------------------------------------

const zone = (offset: string | undefined): string => {
  if (offset === undefined || offset === 'Z') return 'Z'
  return `${offset.slice(0, 3)}:${offset.slice(3).replace(':', '') || '00'}`
}
