/** What went over sockets in the examples of frames, logins and events: recorded by a test in `talk.json`. */

import type { Version } from '../domain/versions.ts'
import talk from './talk.json' with { type: 'json' }

/** One frame, by who sent it; what is no JSON, as its text. */
export type Line = { readonly from: 'client' | 'service'; readonly frame: unknown }
export type Talk = Readonly<Record<string, readonly Line[]>>

/** By version, then by name. */
export const TALKS = talk as Readonly<Record<Version, Talk>>
