/** Token buckets in process memory, one for each caller: nothing is read or written for them. */
import { LRUCache } from 'lru-cache'

/** What came of taking from a limit. */
export type Taken = {
  readonly ok: boolean
  /** How much is left now. */
  readonly remaining: number
  /** Seconds until what was asked for is available, or, if it was given, until the bucket is full. */
  readonly wait: number
}

/** How much may be taken: `quota` at once, and as much again in every `seconds`. */
export type Policy = { readonly quota: number; readonly seconds: number }

/** Seconds' worth that may come at once. */
const BURST_SECONDS = 10

/** So much a minute, some seconds' worth of it at once. @param atLeast how much may come at once, however low that is. */
export const burstOf = (perMinute: number, atLeast: number): Policy => {
  const quota = Math.max(atLeast, Math.ceil((perMinute * BURST_SECONDS) / 60))
  return { quota, seconds: (quota * 60) / perMinute }
}

/** Callers that are remembered. The one seen longest ago is forgotten, rather than a new one refused. */
const CALLERS = 10_000

export const createBuckets = ({ quota, seconds }: Policy, now: () => number) => {
  const perMs = quota / (seconds * 1000)
  const buckets = new LRUCache<string | number, { level: number; at: number }>({ max: CALLERS })

  const bucketOf = (caller: string | number, at: number) => {
    const known = buckets.get(caller)
    if (known !== undefined) return known
    const full = { level: quota, at }
    buckets.set(caller, full)
    return full
  }
  return {
    /** Takes all of `cost` or nothing. More than the quota is never to be had. */
    take(caller: string | number, cost: number): Taken {
      const at = now()
      const bucket = bucketOf(caller, at)
      // A clock that is set back gives nothing, and takes nothing.
      const level = Math.min(quota, bucket.level + Math.max(0, at - bucket.at) * perMs)
      const ok = cost <= level
      const left = ok ? level - cost : level
      bucket.level = left
      bucket.at = at
      const lacks = ok ? quota - left : cost - left
      return { ok, remaining: Math.floor(left), wait: Math.ceil(lacks / perMs / 1000) }
    },

    /** Gives back what was taken for nothing. */
    give(caller: string | number, cost: number): void {
      const bucket = buckets.get(caller)
      if (bucket !== undefined) bucket.level = Math.min(quota, bucket.level + cost)
    },
  }
}
