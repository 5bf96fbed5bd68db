/**
 * The raw key `<id>-<secret>` (docs/design.md §2). The id says which tenant it belongs to; the last six
 * characters of the secret are a checksum, so that a mistyped key is refused without any I/O.
 */
import { crc32 } from 'node:zlib'
import { Secret } from './secret.ts'

/** The alphabet of secrets, as digits. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Keys of one tenant are numbered 1 … 10⁹−1; `id = tenant × 10⁹ + n`. */
export const KEYS_PER_TENANT = 1e9
/** The last tenant all of whose ids are safe integers. */
export const LAST_TENANT = 9_007_198
const CHECKSUM = 6

/** Which key: the tenant, and the number among its keys. */
export type KeyRef = { readonly tenant: number; readonly n: number }

export const idOf = ({ tenant, n }: KeyRef): number => tenant * KEYS_PER_TENANT + n

/** The key that an id names, or null if it can't be an id of ours (also for legacy ids below 10⁹). */
export const refOf = (id: number): KeyRef | null => {
  if (!Number.isSafeInteger(id)) return null
  const tenant = Math.floor(id / KEYS_PER_TENANT)
  const n = id % KEYS_PER_TENANT
  return tenant >= 1 && tenant <= LAST_TENANT && n > 0 ? { tenant, n } : null
}

/** A key that a caller presented, of the right form; whether it is good is still open. */
export type PresentedKey = KeyRef & { readonly id: number; readonly secret: Secret }

/** The text a user is shown once, and presents. */
export const rawKey = (id: number, secret: Secret): Secret => new Secret(`${id}-${secret.reveal()}`)

/**
 * Reads a presented key. Exact: no white space, leading zero, padding or other alphabet passes.
 * @returns null unless the text has the form of a key and its checksum is right.
 */
export const parseKey = (raw: string): PresentedKey | null => {
  const [, digits = '', secret = ''] = /^([1-9][0-9]{9,15})-([0-9A-Za-z]{64})$/.exec(raw) ?? []
  const id = Number(digits)
  const ref = refOf(id)
  if (ref === null || checksum(raw.slice(0, -CHECKSUM)) !== raw.slice(-CHECKSUM)) return null
  return { ...ref, id, secret: new Secret(secret) }
}

/** CRC-32 (IEEE) of the id and the random part, as six base62 digits. Finds typing errors; it
 * guards nothing, so comparing it in constant time would gain nothing either. */
export const checksum = (text: string): string => {
  let rest = crc32(text)
  let digits = ''
  for (let i = 0; i < CHECKSUM; i++) {
    digits = BASE62[rest % 62] + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}
