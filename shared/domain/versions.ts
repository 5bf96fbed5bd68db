/** Versions of the API: which there are, what they are called, and how to compare them (docs/protocol/wire.md §1.2). */

/** What differs from one to the next, oldest first. The last is what `/api/current` means. */
export const VERSIONS = ['v25.04.0', 'v25.10.0', 'v26.0.0'] as const
export type Version = (typeof VERSIONS)[number]
export const CURRENT: Version = 'v26.0.0'

/** A release of Keyharbor, as CHANGELOG.md heads it. */
export type Release = `${number}.${number}.${number}`
/** What TrueNAS doesn't have, and which release brought it. */
export type Extension = { readonly since: Release }

/**
 * All names of each version. Genuine servers have an API version for each patch release up to these (25.10.6 and
 * 25.10.7 have none of their own), and clients pin them. In what is served here the patch versions of a release
 * are equal, so they are names of it and not versions of their own.
 */
const NAMES: Readonly<Record<Version, readonly [Version, ...string[]]>> = {
  'v25.04.0': ['v25.04.0', 'v25.04.1', 'v25.04.2'],
  'v25.10.0': ['v25.10.0', 'v25.10.1', 'v25.10.2', 'v25.10.3', 'v25.10.4', 'v25.10.5'],
  'v26.0.0': ['v26.0.0'],
}

/** The names of a version, oldest first. The first is that of its documentation. */
export const namesOf = (version: Version): readonly string[] => NAMES[version]

/** Every name that a path may have, oldest first, as genuine servers list them. */
export const VERSION_NAMES: readonly string[] = VERSIONS.flatMap(namesOf)

/** The version that a path or query names; null if there is none of that name. */
export const parseVersion = (name: string | undefined): Version | null =>
  name === undefined || name === 'current'
    ? CURRENT
    : (VERSIONS.find((version) => namesOf(version).includes(name)) ?? null)

/** True if `version` is `since` or newer. */
export const isAtLeast = (version: Version, since: Version): boolean =>
  VERSIONS.indexOf(version) >= VERSIONS.indexOf(since)
