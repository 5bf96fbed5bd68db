/** Rounds: each measures every subject once, so that what else the machine does meanwhile hits all. */
import type { Sample } from './protocol.ts'
import { type Running, Skip, type Subject } from './subject.ts'

export type Rounds = {
  readonly measured: ReadonlyMap<string, readonly Sample[]>
  /** Why, by subject. */
  readonly skipped: ReadonlyMap<string, string>
}

export type How = {
  readonly rounds: number
  readonly seconds: number
  readonly warmUp: number
  readonly say: (line: string) => void
}

/** Starts all, warms each up, measures round after round, and closes all. */
export const measureInRounds = async (
  subjects: readonly Subject[],
  { rounds, seconds, warmUp, say }: How,
): Promise<Rounds> => {
  const running: [Subject, Running][] = []
  const skipped = new Map<string, string>()
  const samples = new Map<string, Sample[]>()
  try {
    for (const subject of subjects) {
      try {
        running.push([subject, await subject.start()])
        say(`started ${subject.label}`)
      } catch (error) {
        if (!(error instanceof Skip)) throw new Error(`${subject.label}`, { cause: error })
        skipped.set(subject.id, error.message)
        say(`skipped ${subject.label}: ${error.message}`)
      }
    }
    for (const [at, [{ label }, { measure }]] of running.entries()) {
      say(`warm-up, ${at + 1} of ${running.length}: ${label}`)
      await measure(warmUp)
    }
    for (let round = 1; round <= rounds; round++)
      for (const [at, [{ id, label }, { measure }]] of running.entries()) {
        const sample = await measure(seconds)
        samples.set(id, [...(samples.get(id) ?? []), sample])
        say(
          `round ${round} of ${rounds}, ${at + 1} of ${running.length}: ${label}: ${Math.round(sample.perSecond)}/s`,
        )
      }
  } finally {
    for (const [, { close }] of running.reverse()) await close()
  }
  return { measured: samples, skipped }
}
