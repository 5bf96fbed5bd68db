/** What clients asked for and heard, and what was done to the table meanwhile: all that is judged. */
import type { Effect } from './aws/dynamo.ts'
import { kindOf } from './aws/read-request.ts'

/** `unknown`: its caller can't say whether it was done, and knows that (Jepsen calls it "info"). */
export type Outcome =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'unknown'; readonly text: string }

/** A call of a client. Times in milliseconds of the virtual clock, since its start. */
export type Op = {
  readonly n: number
  readonly client: string
  /** The session by which it was sent. */
  readonly session: Session | null
  readonly method: string
  /** Parameters as the history shows them: no secret. */
  readonly params: string
  readonly invoked: number
  /** When a process of the service began with it, and which. */
  began: number | null
  process: string | null
  /** When it first wrote: by then the service had read by which session it was sent. */
  wrote: number | null
  answered: number | null
  outcome: Outcome | null
  /** What it did to the table. */
  readonly effects: Effect[]
}

/** A secret of a key, as its caller got it. */
export type Secret = {
  readonly label: string
  readonly raw: string
  readonly id: number
  readonly tenant: string
  readonly username: string
  /** The create or reset that gave it. */
  readonly born: Op
}

/** A session, as a client opened it. */
export type Session = {
  readonly label: string
  readonly client: string
  readonly tenant: string
  readonly username: string
  /** By which secret, or null: by the password. */
  readonly secret: Secret | null
  /** The session whose token opened it. */
  readonly parent: Session | null
  readonly opened: Op
  /** Calls by it, as long as it is its socket's. */
  readonly ask: (method: string) => Promise<Op>
  readonly isCurrent: () => boolean
}

/** A line of the history that is no call. */
type Event = { readonly at: number; readonly text: string }

export const createHistory = (elapsed: () => number) => {
  const ops: Op[] = []
  const events: Event[] = []
  return {
    ops,
    events,
    begin(op: Pick<Op, 'client' | 'session' | 'method' | 'params'>): Op {
      const made: Op = {
        ...op,
        n: ops.length + 1,
        invoked: elapsed(),
        began: null,
        process: null,
        wrote: null,
        answered: null,
        outcome: null,
        effects: [],
      }
      ops.push(made)
      return made
    },
    end(op: Op, outcome: Outcome): Outcome {
      op.answered = elapsed()
      op.outcome = outcome
      return outcome
    },
    note: (text: string): void => {
      events.push({ at: elapsed(), text })
    },
  }
}

export type History = ReturnType<typeof createHistory>

/** Whether a write is a change of somebody's: what has an audit entry, and login tokens, which are authority too. A plain
 * put where an entry would be is a withdrawal: it says that there is none. */
export const isChange = ({ touched }: Effect): boolean =>
  touched.isTransaction &&
  touched.writes.some(
    (write) =>
      write.kind !== 'check' && (kindOf(write).includes('AUDIT') || write.sk.startsWith('TOKEN#')),
  )

/** When a call's change was made; null where it made none. */
export const changedAt = (op: Op): number | null => op.effects.find(isChange)?.at ?? null

/** The history as text, in order of time: of all, or of what happened around some moments. */
export const print = (
  { ops, events }: History,
  around: readonly Op[] = [],
  spanMs = 60,
): string => {
  const lines: [number, string][] = []
  for (const op of ops) {
    const who = `${op.client} ${op.session?.label ?? 'nobody'}`
    lines.push([op.invoked, `#${op.n} ${who} asks ${op.method} ${op.params}`])
    for (const effect of op.effects)
      lines.push([
        effect.at,
        `#${op.n} ${isChange(effect) ? 'CHANGES' : 'writes'} ${written(effect)}`,
      ])
    if (op.answered !== null) lines.push([op.answered, `#${op.n} ${op.client} hears ${said(op)}`])
  }
  for (const { at, text } of events) lines.push([at, text])
  const near = (at: number): boolean =>
    around.length === 0 ||
    around.some((op) =>
      [op.invoked, op.began, op.answered, ...op.effects.map((one) => one.at)].some(
        (then) => then !== null && Math.abs(then - at) <= spanMs,
      ),
    )
  return lines
    .filter(([at]) => near(at))
    .sort(([a], [b]) => a - b)
    .map(([at, text]) => `${at.toFixed(3).padStart(12)}  ${text}`)
    .join('\n')
}

// ---------------------------------------------------------------------------------------------

const written = ({ touched }: Effect): string =>
  touched.writes
    .filter(({ kind }) => kind !== 'check')
    .map((write) => `${write.kind} ${kindOf(write)}`)
    .join(', ')

const said = ({ outcome }: Op): string =>
  outcome === null ? 'nothing' : outcome.kind === 'ok' ? 'ok' : `${outcome.kind}: ${outcome.text}`
