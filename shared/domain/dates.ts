/**
 * The moments that every reader has: those of the years 1 to 9999, in UTC. Python's `datetime` ends there, as do
 * ISO 8601's four digits; one date beyond, and no TrueNAS client can read the list that it stands in.
 */

/** First and last of them, in milliseconds since the epoch. */
export const EARLIEST = Date.parse('0001-01-01T00:00:00.000Z')
export const LATEST = Date.parse('9999-12-31T23:59:59.999Z')

export const isReadable = (ms: number): boolean => ms >= EARLIEST && ms <= LATEST

/** The nearest moment that can be read: for what was stored before dates were bounded. */
export const readable = (ms: number): number => Math.min(Math.max(ms, EARLIEST), LATEST)

/** Why a date isn't taken, in Python's words. */
export const outOfRange = (ms: number): string => {
  const date = new Date(ms)
  return Number.isNaN(date.getTime())
    ? 'timestamp out of range for platform time_t'
    : `year ${date.getUTCFullYear()} is out of range`
}
