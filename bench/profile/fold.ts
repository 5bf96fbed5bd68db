/** A CPU profile of V8, folded: how much of the time was spent in which area. */
import { z } from 'zod'
import { createAreas, type Place } from './areas.ts'

/** What of a `.cpuprofile` is needed. Times are microseconds. */
export const CpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.number(),
        columnNumber: z.number(),
      }),
      children: z.array(z.number()).default([]),
    }),
  ),
  /** Which node was on top. */
  samples: z.array(z.number()),
  /** How long after the one before, each. */
  timeDeltas: z.array(z.number()),
})
export type CpuProfile = z.infer<typeof CpuProfile>

/** A part, 0 … 1, of the time in which something was done. */
export type Share = { readonly area: string; readonly share: number }

/**
 * Shares by area, the largest first; small ones as one. Waiting isn't counted, nor is the loading of
 * modules. A function that is written in no file, such as Node.js's own in C++, counts for who called it.
 * @param areaOf which area a function belongs to; null: its caller's.
 */
export const foldProfile = (
  { nodes, samples, timeDeltas }: CpuProfile,
  areaOf: (place: Place) => string | null = createAreas(),
): Share[] => {
  const areas = areasOf(nodes, areaOf)
  const times = new Map<string, number>()
  for (const [at, id] of samples.entries()) {
    const area = areas.get(id) ?? NATIVE
    // A sample stands for the time until the next.
    if (!LEFT_OUT.has(area)) times.set(area, (times.get(area) ?? 0) + (timeDeltas[at + 1] ?? 0))
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0)
  const shares = [...times].map(([area, time]) => ({ area, share: time / total }))
  const small = shares.filter(({ share }) => share < SMALL)
  const rest = small.reduce((sum, { share }) => sum + share, 0)
  return [
    ...shares.filter(({ share }) => share >= SMALL).sort((a, b) => b.share - a.share),
    ...(rest > 0 ? [{ area: 'all else, each below 1 %', share: rest }] : []),
  ]
}

// ---------------------------------------------------------------------------------------------

const SMALL = 0.01

const LOADING = 'loading'
const NATIVE = 'Node.js, outside of JavaScript'

/** What V8 calls what isn't a function. */
const STATES: Readonly<Record<string, string>> = {
  '(garbage collector)': 'garbage collection',
  '(idle)': 'waiting',
  '(program)': NATIVE,
  '(root)': NATIVE,
  runMicrotasks: 'promises',
}

const LEFT_OUT: ReadonlySet<string> = new Set(['waiting', LOADING])

/** Of each node, by its id. */
const areasOf = (
  nodes: CpuProfile['nodes'],
  areaOf: (place: Place) => string | null,
): Map<number, string> => {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const areas = new Map<number, string>()
  const open: [id: number, caller: string][] = nodes.slice(0, 1).map(({ id }) => [id, NATIVE])
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [id, caller] = next
    const node = byId.get(id)
    if (node === undefined) continue
    const { callFrame, children } = node
    // Whatever a module does while it is loaded is part of loading it.
    const area =
      caller === LOADING ? LOADING : (STATES[callFrame.functionName] ?? areaOf(callFrame) ?? caller)
    areas.set(id, area)
    for (const child of children) open.push([child, area])
  }
  return areas
}
