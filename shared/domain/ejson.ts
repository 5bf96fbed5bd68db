/**
 * Extended JSON (docs/protocol/wire.md §1.6): datetimes, times, dates, sets and IP interfaces in plain JSON.
 * Decoding is strict: a tagged object with a wrong inner value is an error, never passed through.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { isReadable, outOfRange, readable } from './dates.ts'
import { type Extension, parseJson, readJson, Unreadable } from './json.ts'

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

/** Writes a value as extended JSON. Sub-second parts are cut: clients up to 26 add them twice. What is beyond the
 * dates that clients read is the last, or first, of those. */
export const encode = (value: unknown): string => JSON.stringify(toWire(value))

/** Reads extended JSON. @throws SyntaxError on broken JSON, Unreadable on what others can't read, or would read
 * otherwise: also a malformed tagged value. */
export const decode = (text: string): unknown => parseJson(text, { extension })

/** The same of a frame whose JSON is parsed, but for its id, which is sent back as it came. */
export const decodeFrame = (text: string, parsed: unknown): unknown =>
  readJson(text, parsed, { extension, except: 'id' })

/** The plain-JSON shape of a value: `Date` → `{$date}`, `Set` → `{$set}`. */
export const toWire = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Date) return { $date: Math.floor(readable(value.getTime()) / 1000) * 1000 }
  if (value instanceof Set) return { $set: [...value].map(toWire) }
  if (value instanceof Tagged)
    return value.kind === 'date'
      ? { $type: 'date', $value: value.text }
      : { [`$${value.kind}`]: value.text }
  if (Array.isArray(value)) return value.map(toWire)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toWire(inner)]))
}

// ---------------------------------------------------------------------------------------------

const extension: Extension = (object, names, read) => {
  const [first = ''] = names
  if (names.length === 1) {
    const tag = TAGS.get(first)
    return tag && { value: tag(object[first], read) }
  }
  return names.length === 2 && object.$type === 'date' && '$value' in object
    ? { value: calendarDate(object.$value) }
    : undefined
}

/** In the words of a genuine server, where it has some. */
const bad = (tag: string, why: string): never => {
  throw new Unreadable(`Error parsing ${tag}: ${why}`)
}

const datetime = (value: unknown): Date => {
  if (typeof value !== 'number') return bad('$date', 'it takes milliseconds since the epoch')
  return isReadable(value) ? new Date(value) : bad('$date', outOfRange(value))
}

const timeOfDay = (value: unknown): Tagged =>
  typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/.test(value)
    ? new Tagged('time', value)
    : bad('$time', 'it takes HH:MM:SS[.ffffff]')

const calendarDate = (value: unknown): Tagged =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\d$/.test(value) &&
  !value.startsWith('0000') &&
  new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value)
    ? new Tagged('date', value)
    : bad('date', 'it takes YYYY-MM-DD')

const networkInterface =
  (kind: 'ipv4_interface' | 'ipv6_interface', isAddress: (text: string) => boolean, most: number) =>
  (value: unknown): Tagged => {
    const [address = '', prefix = String(most), ...rest] =
      typeof value === 'string' ? value.split('/') : []
    return isAddress(address) && /^\d{1,3}$/.test(prefix) && Number(prefix) <= most && !rest.length
      ? new Tagged(kind, `${address}/${Number(prefix)}`)
      : bad(`$${kind}`, 'it takes address/prefix')
  }

/** Of what Python can hash: a set of lists is none, there. */
const set = (value: unknown, read: (item: unknown) => unknown): Set<unknown> => {
  if (!Array.isArray(value)) return bad('$set', 'it takes a list')
  const items = value.map(read)
  const compound = items.find((item) => Array.isArray(item) || item instanceof Set || isPlain(item))
  return compound === undefined
    ? new Set(items)
    : bad('$set', 'lists, sets and objects can not be in a set')
}

/** As `readJson` makes objects. */
const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null

const TAGS = new Map<string, (value: unknown, read: (inner: unknown) => unknown) => unknown>([
  ['$date', datetime],
  ['$time', timeOfDay],
  ['$set', set],
  ['$ipv4_interface', networkInterface('ipv4_interface', isIPv4, 32)],
  ['$ipv6_interface', networkInterface('ipv6_interface', isIPv6, 128)],
])
