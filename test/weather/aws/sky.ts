/** The weather itself: how long requests take, and what goes wrong with which of them. */
import type { Random } from '../time/random.ts'

/**
 * What happens to a request. `lost`: nothing was done. `done`: it was done, and its sender isn't told so. `late`: its
 * sender isn't told either, and it is done later, after what that sent since.
 * `500`, `reset`: an answer that is none; `stall`: no answer at all; `half`: an answer that breaks off.
 */
export const FAULTS = [
  'lost-500',
  'lost-reset',
  'lost-stall',
  'done-500',
  'done-reset',
  'done-stall',
  'done-half',
  'late-500',
  'late-reset',
  'late-stall',
] as const
export type FaultKind = (typeof FAULTS)[number]

export type Sky = {
  /** Share of requests that something happens to. Their repeats may have the same fate. */
  readonly faults: number
  readonly kinds: readonly FaultKind[]
  /** Chance that the next repeat fares no better: at 1 none ever does. */
  readonly stubborn: number
  /** Share of requests that take long. */
  readonly slow: number
  /** Which operations it is for: part of a name. */
  readonly only?: RegExp
}

export const CALM: Sky = { faults: 0, kinds: FAULTS, stubborn: 0, slow: 0 }
export const BREEZE: Sky = { faults: 0.01, kinds: FAULTS, stubborn: 0.3, slow: 0.03 }
export const STORM: Sky = { faults: 0.06, kinds: FAULTS, stubborn: 0.6, slow: 0.1 }

type Sent = {
  readonly operation: string
  /** What a request and its repeats have in common. */
  readonly repeats: string | null
}

/** @param random the weather's own. */
export const createWeather = (random: Random) => {
  let sky = CALM
  /** What a request's repeats meet, too. */
  const fates = new Map<string, FaultKind>()

  const draw = (operation: string): FaultKind | null => {
    if (sky.only !== undefined && !sky.only.test(operation)) return null
    return random.chance(sky.faults) ? random.pick(sky.kinds) : null
  }
  return {
    set: (next: Sky): void => {
      sky = next
      fates.clear()
    },
    now: (): Sky => sky,

    /** What becomes of a request; null: nothing wrong. */
    fateOf({ operation, repeats }: Sent): FaultKind | null {
      const before = repeats === null ? undefined : fates.get(repeats)
      if (before !== undefined && random.chance(sky.stubborn)) return before
      if (before !== undefined) fates.delete(before)
      // A repeat has its chance: else a storm would be a total loss.
      const kind = before === undefined ? draw(operation) : null
      if (kind !== null && repeats !== null) fates.set(repeats, kind)
      return kind
    },

    /** Milliseconds on the way there, or back. */
    way: (): number => (random.chance(sky.slow) ? random.between(5, 400) : random.between(0.3, 2)),
    /** How much later what is late is done: as often within a tenth of a second as beyond. */
    delay: (): number => 3 * 1500 ** random.next(),
    /** How long a transaction holds its items. */
    hold: (): number => random.between(6, 15),
    /** Between the parts of a batch, which is no snapshot. */
    gap: (): number => random.between(0.1, sky.slow > 0 ? 8 : 2),
    random,
  }
}

export type Weather = ReturnType<typeof createWeather>
