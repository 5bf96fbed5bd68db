/**
 * How both readers of the table's stream go through a batch: in rounds, each of which is judged anew, and in order. They stop
 * in time, say which change is the first that isn't done, and how late they are. A change may come twice, late or after
 * newer ones.
 */
import type { Parts } from '../parts.ts'
import type { Item, ItemKey } from '../store/write.ts'
import { textOf } from '../store/write.ts'

/** One change of one item. `before` or `after` is null where the item was added or deleted. */
export type Change = {
  readonly key: ItemKey
  readonly before: Item | null
  readonly after: Item | null
  /** When it was made, in milliseconds since the epoch; DynamoDB counts whole seconds. */
  readonly at?: number
}

type Reader = {
  /** Different items of a round, at the most. */
  readonly most: number
  readonly act: (changes: readonly Change[]) => Promise<void>
  /** Told after each round how many seconds ago the oldest change of it was made. */
  readonly onLag: (seconds: number) => void
}

/** How late a reader may be before the log says so. */
export const LATE_SECONDS = 10
/** What a round has left at its beginning. One that takes longer is cut off, and its batch halved. */
const ROUND_MS = 20_000

/**
 * @param timeLeft milliseconds until whoever called is cut off.
 * @returns the index of the first change that isn't done; null if all are. @throws what the first change of the batch
 *   failed with: then the batch is halved until that one is alone.
 */
export const inRounds = async (
  { log, now }: Pick<Parts, 'log' | 'now'>,
  changes: readonly Change[],
  { most, act, onLag }: Reader,
  timeLeft: () => number,
): Promise<number | null> => {
  let at = 0
  let alone = false
  let late = 0
  while (at < changes.length) {
    if (at > 0 && timeLeft() < ROUND_MS) break
    const round = alone ? changes.slice(at, at + 1) : roundAt(changes, at, most)
    try {
      await act(round)
    } catch (error) {
      // One after the other, to find the culprit.
      if (round.length > 1) {
        alone = true
        continue
      }
      const { pk, sk } = round[0]?.key ?? {}
      log.error('a change failed', error, { item: `${pk} ${sk}` })
      if (at === 0) throw error
      break
    }
    const lag = lagOf(round, now())
    late = Math.max(late, lag)
    onLag(lag)
    at += round.length
  }
  if (late > LATE_SECONDS) log.info('behind the table’s stream', { seconds: late })
  return at < changes.length ? at : null
}

// ---------------------------------------------------------------------------------------------

/** As many changes as are of so many items. */
const roundAt = (changes: readonly Change[], from: number, most: number): readonly Change[] => {
  const items = new Set<string>()
  let to = from
  for (; to < changes.length; to++) {
    items.add(textOf((changes[to] as Change).key))
    if (items.size > most) break
  }
  return changes.slice(from, to)
}

const lagOf = (changes: readonly Change[], now: number): number =>
  Math.max(0, ...changes.map(({ at = now }) => (now - at) / 1000))
