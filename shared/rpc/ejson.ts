/**
 * Extended JSON (PROTOCOL 1.6): datetimes, times, dates, sets and IP interfaces in plain JSON.
 * Decoding is strict: a tagged object with a wrong inner value is an error, never passed through.
 */
import { isIPv4, isIPv6 } from 'node:net'

/** A time of day, a calendar date or an IP interface, kept as its text. */
export class Tagged {
  readonly kind: 'time' | 'date' | 'ipv4_interface' | 'ipv6_interface'
  readonly text: string
  constructor(kind: Tagged['kind'], text: string) {
    this.kind = kind
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

/** Writes a value as extended JSON. Sub-second parts are cut: clients up to 26 add them twice. */
export const encode = (value: unknown): string => JSON.stringify(toWire(value))

/** Reads extended JSON. @throws SyntaxError on broken JSON or a malformed tagged value. */
export const decode = (text: string): unknown => fromWire(JSON.parse(text))

/** The plain-JSON shape of a value: `Date` → `{$date}`, `Set` → `{$set}`. */
export const toWire = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Date) return { $date: Math.floor(value.getTime() / 1000) * 1000 }
  if (value instanceof Set) return { $set: [...value].map(toWire) }
  if (value instanceof Tagged)
    return value.kind === 'date'
      ? { $type: 'date', $value: value.text }
      : { [`$${value.kind}`]: value.text }
  if (Array.isArray(value)) return value.map(toWire)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toWire(inner)]))
}

// ---------------------------------------------------------------------------------------------

const fromWire = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(fromWire)
  const entries = Object.entries(value)
  const tag = entries.length === 1 ? TAGS.get(entries[0]?.[0] ?? '') : undefined
  if (tag) return tag(entries[0]?.[1])
  if (entries.length === 2 && '$type' in value && '$value' in value && value.$type === 'date')
    return calendarDate(value.$value)
  // A null prototype, so that a member called __proto__ is data like any other.
  const object: Record<string, unknown> = Object.create(null)
  for (const [name, inner] of entries) object[name] = fromWire(inner)
  return object
}

const bad = (what: string): never => {
  throw new SyntaxError(`Invalid extended JSON: ${what}`)
}

/** The furthest a JavaScript Date reaches, in milliseconds from the epoch (ECMA-262 21.4.1.1). */
const FURTHEST = 8.64e15

const datetime = (value: unknown): Date =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= FURTHEST
    ? new Date(value)
    : bad('$date takes milliseconds since the epoch')

const timeOfDay = (value: unknown): Tagged =>
  typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/.test(value)
    ? new Tagged('time', value)
    : bad('$time takes HH:MM:SS[.ffffff]')

const calendarDate = (value: unknown): Tagged =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\d$/.test(value) &&
  new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value)
    ? new Tagged('date', value)
    : bad('a date takes YYYY-MM-DD')

const networkInterface =
  (kind: 'ipv4_interface' | 'ipv6_interface', isAddress: (text: string) => boolean, most: number) =>
  (value: unknown): Tagged => {
    const [address = '', prefix = String(most), ...rest] =
      typeof value === 'string' ? value.split('/') : []
    return isAddress(address) && /^\d{1,3}$/.test(prefix) && Number(prefix) <= most && !rest.length
      ? new Tagged(kind, `${address}/${Number(prefix)}`)
      : bad(`$${kind} takes address/prefix`)
  }

const TAGS = new Map<string, (value: unknown) => unknown>([
  ['$date', datetime],
  ['$time', timeOfDay],
  [
    '$set',
    (value) => (Array.isArray(value) ? new Set(value.map(fromWire)) : bad('$set takes a list')),
  ],
  ['$ipv4_interface', networkInterface('ipv4_interface', isIPv4, 32)],
  ['$ipv6_interface', networkInterface('ipv6_interface', isIPv6, 128)],
])
