/** What users and tenants may be called. */

/** POSIX portable names, as local TrueNAS accounts have; an `@` would name a tenant. */
export const USERNAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,30}\$?$/
/** The user whom the keys of all devices of a tenant belong to. Nobody else may be called so. */
export const DEVICES = 'keyharbor-devices'
/** First label of a host, and what a password login has behind the `@`. */
export const SLUG = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/
