/**
 * When a device last called a check or logged in. Written once an hour for each device. A process remembers what it has
 * noted, so that a check costs no read and no write.
 */
import { LRUCache } from 'lru-cache'
import { waitAtMost } from '../domain/retry.ts'
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
 * Notes that the device which has this key was seen; does nothing for other keys. Await it, since Lambda stops what
 * goes on after an answer. It never throws, and takes {@link PATIENCE_MS} at the most.
 * @param request id of the check, for the log.
 */
export const noteSeen = async (service: Deps, key: CheckedKey, request?: string): Promise<void> => {
  if (!key.device) return
  const at = service.now()
  const since = hourOf(key.n, at)
  if (at < (service.seen.get(key.id) ?? 0)) return
  // Set before the write, so that of concurrent checks one writes.
  service.seen.set(key.id, since + HOUR_MS)
  await waitAtMost(PATIENCE_MS, write(service, key, { since, at }, request))
}

// ---------------------------------------------------------------------------------------------

/** Devices that a process remembers. One that it forgets costs a refused write. */
const DEVICES = 10_000

const HOUR_MS = 3_600_000
/** Wait after a failure, so that not every check asks a table in trouble. */
const RETRY_MS = 60_000
/** A write takes some 10 ms. One that takes longer doesn't hold the check up. */
const PATIENCE_MS = 500

/** When the hour of a device began. Each has its own, so that a fleet isn't written all at once. */
const hourOf = (n: number, at: number): number => at - ((at - (n % 3600) * 1000) % HOUR_MS)

const write = async (
  { keys, log, seen: noted }: Deps,
  key: CheckedKey,
  seen: { since: number; at: number },
  request: string | undefined,
): Promise<void> => {
  try {
    await keys.seen(key, seen)
  } catch (error) {
    noted.set(key.id, seen.at + RETRY_MS)
    log.error('a device could not be noted as seen', error, {
      key: key.id,
      ...(request !== undefined && { request }),
    })
  }
}
