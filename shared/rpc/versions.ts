/** Versions of the API: which there are, and how to compare them (PROTOCOL 1.2). */

/** Oldest first. The last is what `/api/current` means. */
export const VERSIONS = ['v25.04.0', 'v25.10.0', 'v26.0.0'] as const
export type Version = (typeof VERSIONS)[number]
export const CURRENT: Version = 'v26.0.0'

/** The version that a path or query names; null if there is none of that name. */
export const parseVersion = (name: string | undefined): Version | null =>
  name === undefined || name === 'current'
    ? CURRENT
    : (VERSIONS.find((version) => version === name) ?? null)

/** True if `version` is `since` or newer. */
export const isAtLeast = (version: Version, since: Version): boolean =>
  VERSIONS.indexOf(version) >= VERSIONS.indexOf(since)
