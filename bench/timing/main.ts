/**
 * `npm run timing`: whether the time of a refusal tells what is there. Each question is put about ids of all kinds,
 * interleaved in a random order; for each pair of kinds it gives the chance that the one took longer than the other
 * (the area under the ROC curve): 0.5 tells nothing. Fails where one is further from it than {@link TOLERANCE}.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { chosenBy, numberOf, ownFolder, runProgram } from '../program.ts'
import { QUESTIONS, type Question } from './questions.ts'
import { type Rig, startRig } from './rig.ts'

/** Two samples of 5 000 of one distribution differ by 0.0058 (one standard deviation) by chance. */
const TOLERANCE = 0.02
const WARM_UP = 300

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      /** Questions about each kind of id. */
      count: { type: 'string', default: '5000' },
      only: { type: 'string', default: '' },
    },
  })
  const count = numberOf('count', values.count)
  const asked = chosenBy(values.only, QUESTIONS, ({ name }) => name)
  const rig = await startRig(await ownFolder('timing'))
  let worst = 0
  // All at once, each on a connection of its own: most of the time is waiting.
  const found = await Promise.all(asked.map((question) => measure(rig, question, count)))
  for (const [at, times] of found.entries()) {
    process.stdout.write(`\n${asked[at]?.name}, ${count} of each:\n`)
    for (const [name, took] of times)
      process.stdout.write(`  ${name}: median ${(median(took) * 1000).toFixed(0)} µs\n`)
    for (const [one, other] of pairs([...times.keys()])) {
      const auc = areaUnderCurve(times.get(one) ?? [], times.get(other) ?? [])
      worst = Math.max(worst, Math.abs(auc - 0.5))
      process.stdout.write(`  ${auc.toFixed(3)}  ${one} / ${other}\n`)
    }
  }
  await rig.close()
  const isGood = worst <= TOLERANCE
  process.stdout.write(
    `\n${isGood ? 'Good' : 'IT TELLS'}: ${worst.toFixed(3)} from 0.5 at the most.\n`,
  )
  process.exitCode = isGood ? 0 : 1
}

// ---------------------------------------------------------------------------------------------

/** Milliseconds of each question, by the kind of id. */
const measure = async (
  rig: Rig,
  { name, answer, open }: Question,
  count: number,
): Promise<Map<string, number[]>> => {
  const { prepare, close } = await open(rig)
  const kinds = Object.entries(rig.ids)
  const times = new Map(kinds.map(([kind]) => [kind, [] as number[]]))
  for (let round = -WARM_UP; round < count; round++) {
    if (round % 1000 === 0) process.stderr.write(`${name}: ${round} of ${count}\n`)
    for (const [kind, id] of shuffled(kinds)) {
      const ask = await prepare(id)
      const began = performance.now()
      const said = await ask()
      const took = performance.now() - began
      if (!answer.test(said)) throw new Error(`${name}, ${kind}: answered ${said}`)
      if (round >= 0) times.get(kind)?.push(took)
    }
  }
  close()
  return times
}

const shuffled = <T>(all: readonly T[]): T[] => {
  const list = [...all]
  for (let at = list.length - 1; at > 0; at--) {
    const other = randomInt(at + 1)
    const [a, b] = [list[at] as T, list[other] as T]
    list[at] = b
    list[other] = a
  }
  return list
}

const pairs = (names: readonly string[]): [string, string][] =>
  names.flatMap((one, at) => names.slice(at + 1).map((other): [string, string] => [one, other]))

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0

/** The chance that one of `a` is greater than one of `b` (Mann and Whitney's U by ranks), ties by half. */
const areaUnderCurve = (a: readonly number[], b: readonly number[]): number => {
  const all = [
    ...a.map((time) => ({ time, isA: true })),
    ...b.map((time) => ({ time, isA: false })),
  ]
  all.sort((one, other) => one.time - other.time)
  let sum = 0
  for (let from = 0; from < all.length; ) {
    let to = from
    while (to < all.length && all[to]?.time === all[from]?.time) to++
    const rank = (from + 1 + to) / 2
    for (let at = from; at < to; at++) if (all[at]?.isA) sum += rank
    from = to
  }
  return (sum - (a.length * (a.length + 1)) / 2) / (a.length * b.length)
}

runProgram(main)
