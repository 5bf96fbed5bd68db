/** `/readyz` on one machine: what the function says, and whether the readers of the table's stream keep up. On AWS no function
 * knows that; the alarms on the readers' lag do. */
import { z } from 'zod'
import { LATE_SECONDS } from '../shared/live/rounds.ts'
import type { Lambda } from './lambda.ts'

/** Without it the service does all it should: a late one is named, and turns nobody away. */
const ASIDE = 'journal'

/** @param behind how many seconds each reader is, by its name. */
export const withReaders =
  (invoke: Lambda, behind: () => Readonly<Record<string, number>>): Lambda =>
  async (event) => {
    const outcome = await invoke(event)
    const reply = Reply.safeParse(outcome.kind === 'returned' ? outcome.value : null).data
    if (reply === undefined) return outcome
    const readers = Object.fromEntries(
      Object.entries(behind()).map(([name, seconds]) => [
        name,
        seconds > LATE_SECONDS ? 'unavailable' : 'ok',
      ]),
    )
    const isLate = Object.entries(readers).some(
      ([name, state]) => name !== ASIDE && state === 'unavailable',
    )
    const { body, headers } = reply
    const value = {
      ...reply,
      ...(isLate && { statusCode: 503, headers: { ...headers, 'retry-after': '10' } }),
      body: JSON.stringify({ ...body, ...(isLate && { status: 'unavailable' }), ...readers }),
    }
    return { kind: 'returned', value }
  }

// ---------------------------------------------------------------------------------------------

/** Of the route itself, and not of a request that it refuses. */
const Reply = z.looseObject({
  statusCode: z.union([z.literal(200), z.literal(503)]),
  headers: z.record(z.string(), z.string()),
  body: z
    .string()
    .transform((text) => (text === '' ? null : JSON.parse(text)))
    .pipe(z.record(z.string(), z.string()).refine((body) => 'table' in body)),
})
