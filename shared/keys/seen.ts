/**
 * When a device was last seen: its key was the caller of a check, or logged in. Written once an hour for each
 * device, whatever it does. What a process has noted it remembers, so that a check costs no read and no write.
 */
import { LRUCache } from 'lru-cache'
import { waitAtMost } from '../domain/patience.ts'
import type { Log } from '../log.ts'
import type { CheckedKey } from '../store/key-items.ts'
import type { Keys } from '../store/keys.ts'

/** From when on each device is to be noted again, by its key's id. Made once per process. */
export const createSeen = () => new LRUCache<number, number>({ max: DEVICES })

export type Seen = ReturnType<typeof createSeen>

type Deps = {
  readonly keys: Keys
  readonly log: Log
  readonly now: () => number
  readonly seen: Seen
}

/**
 * Notes that the device which has this key is there; nothing, for a key that is no device's. To be awaited, as
 * Lambda stops what goes on after an answer; it never throws, and holds its caller up for {@link PATIENCE_MS}
 * at the most.
 */
export const noteSeen = async (service: Deps, key: CheckedKey): Promise<void> => {
  if (!key.device) return
  const at = service.now()
  const since = hourOf(key.n, at)
  if (at < (service.seen.get(key.id) ?? 0)) return
  // Before it is written: of checks at the same time one writes.
  service.seen.set(key.id, since + HOUR_MS)
  await waitAtMost(PATIENCE_MS, write(service, key, { since, at }))
}

// ---------------------------------------------------------------------------------------------

/** Devices that a process remembers. One that it forgets costs a write that its condition refuses. */
const DEVICES = 10_000

const HOUR_MS = 3_600_000
/** A table in trouble isn't asked again by each check. */
const RETRY_MS = 60_000
/** A write takes some 10 ms. One that takes longer is given up on, not the check. */
const PATIENCE_MS = 500

/** When the hour of a device began. Each has its own, or all of a fleet would be written at the stroke. */
const hourOf = (n: number, at: number): number => at - ((at - (n % 3600) * 1000) % HOUR_MS)

const write = async (
  { keys, log, seen: noted }: Deps,
  key: CheckedKey,
  seen: { since: number; at: number },
): Promise<void> => {
  try {
    await keys.seen(key, seen)
  } catch (error) {
    noted.set(key.id, seen.at + RETRY_MS)
    log.error('a device could not be noted as seen', error, { key: key.id })
  }
}
