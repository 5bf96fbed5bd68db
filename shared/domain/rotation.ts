/**
 * When which signing key signs, and how long it is published: pure rules. Keys form a chain; a key signs
 * until the next one does, and all else follows from when each begins.
 *
 *            made, published       signs                            its successor signs   retired
 *   first    ├─────────────────────┤ (at once)                      │                     │
 *            └─────────────── 30 days ──────────────────────────────┴──────── a day ──────┘
 *   next                                          made ├── a day ───┤ signs …
 *
 * A successor that comes late begins late, and the key before it signs for longer: there is no instant
 * without a signer, and none at which a key signs that wasn't published a day before.
 */

/** One key of the chain. Times are milliseconds since the epoch. */
export type Turn = {
  /** Number in the chain: one more than its predecessor's. */
  readonly n: number
  readonly signsFrom: number
}

const DAY_MS = 86_400_000

/** How long a key signs, if its successor comes in time. */
export const SIGNS_MS = 30 * DAY_MS
/** How long a key is published before it signs, and after: longer than anybody may keep the set, and than
 * anything that it signed is good. */
export const OVERLAP_MS = DAY_MS

/** The key that signs: the last one to have begun. Undefined only where none ever has. */
export const signerAt = <T extends Turn>(chain: readonly T[], now: number): T | undefined =>
  inOrder(chain).findLast(({ signsFrom }) => signsFrom <= now)

/** The keys by which signatures are to be checked: those to come, the one that signs, those just retired. */
export const publishedAt = <T extends Turn>(chain: readonly T[], now: number): T[] =>
  inOrder(chain).filter((_, at, all) => now < (endOf(all[at + 1]) ?? Infinity))

/** The keys that nothing needs any more. */
export const retiredAt = <T extends Turn>(chain: readonly T[], now: number): T[] => {
  const published = publishedAt(chain, now)
  return chain.filter((key) => !published.includes(key))
}

/** The key to be made now, or null where none is due. The first one signs at once. */
export const nextTurn = (chain: readonly Turn[], now: number): Turn | null => {
  const last = inOrder(chain).at(-1)
  if (last === undefined) return { n: 1, signsFrom: now }
  const ends = last.signsFrom + SIGNS_MS
  return now < ends - OVERLAP_MS
    ? null
    : { n: last.n + 1, signsFrom: Math.max(ends, now + OVERLAP_MS) }
}

// ---------------------------------------------------------------------------------------------

const inOrder = <T extends Turn>(chain: readonly T[]): T[] =>
  chain.toSorted((one, other) => one.n - other.n)

/** Until when the predecessor of a key is published. */
const endOf = (successor: Turn | undefined): number | undefined =>
  successor && successor.signsFrom + OVERLAP_MS
