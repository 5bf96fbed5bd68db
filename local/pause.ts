import { setTimeout as wait } from 'node:timers/promises'

/** Waits, but no longer than until a stop. */
export const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal: stop }).catch(() => {})
