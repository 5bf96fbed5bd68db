/** What users and tenants may be called. */
import { createHash } from 'node:crypto'

/** POSIX portable names, as local TrueNAS accounts have; an `@` names a tenant (`parseLoginName`). */
export const USERNAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,30}\$?$/
/** The name under which tries at a user are counted. What can't be a name becomes a short text that is none either. */
export const countedName = (name: string): string =>
  USERNAME.test(name) ? name : `-${createHash('sha256').update(name).digest('base64url')}`

/** The user whom the keys of all devices of a tenant belong to. Nobody else may be called so. */
export const DEVICES = 'keyharbor-devices'
/** First label of a host, and what a login name has behind the `@`. */
export const SLUG = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** What a login names: `user`, or `user@tenant`. Either part may be anything, and is still to be judged. */
type LoginName = { readonly username: string; readonly slug: string | null }

export const parseLoginName = (name: string): LoginName => {
  const at = name.lastIndexOf('@')
  return at < 0
    ? { username: name, slug: null }
    : { username: name.slice(0, at), slug: name.slice(at + 1) }
}
