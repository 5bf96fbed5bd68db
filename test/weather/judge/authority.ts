/** When secrets and sessions died, as far as clients can know, and as the table had it. */
import type { End, Facts } from '../facts.ts'
import type { Secret, Session } from '../history.ts'
import { changedAt, type Op } from '../history.ts'

/** `dead`: since then at the latest. `open`: nobody can say. */
export type Fate =
  | { readonly is: 'alive' | 'open' }
  | { readonly is: 'dead'; readonly since: number; readonly by: End }

export const fateOfSecret = ({ ends }: Facts, secret: Secret): Fate =>
  fate(
    ends.filter((end) => end.secrets(secret)),
    (end) => endsWhatBegan(end, secret.born),
  )

/** By its own end, or by that of what it hangs on. */
export const fateOfSession = ({ ends }: Facts, session: Session): Fate =>
  fate(
    ends.filter((end) => end.sessions(session)),
    (end) =>
      session.secret !== null && end.secrets(session.secret)
        ? endsWhatBegan(end, session.secret.born)
        : endsWhatBegan(end, session.opened),
  )

// ---------------------------------------------------------------------------------------------

const fate = (ends: readonly End[], isSure: (end: End) => boolean): Fate => {
  const acknowledged = ends.filter(({ op }) => op.outcome?.kind === 'ok')
  const sure = acknowledged.filter(isSure)
  const [first] = sure.toSorted((a, b) => answer(a.op) - answer(b.op))
  if (first !== undefined) return { is: 'dead', since: answer(first.op), by: first }
  const mayHave = ends.some(
    ({ op }) => op.outcome?.kind !== 'refused' || changedAt(op) !== null || op.effects.length > 0,
  )
  return { is: mayHave ? 'open' : 'alive' }
}

const answer = (op: Op): number => op.answered ?? Infinity

/** Whether an acknowledged end came after something, or stands above it. */
const endsWhatBegan = ({ op, outranks = false, inSteps = false }: End, began: Op): boolean => {
  const [ended, made] = [changedAt(op), changedAt(began) ?? lastOf(began)]
  if (inSteps) return (began.answered ?? Infinity) < op.invoked
  if (outranks && (began.began ?? began.invoked) < (op.began ?? op.invoked)) return true
  if (ended !== null && made !== null) return made < ended
  // It found everything done already.
  return (began.answered ?? Infinity) < op.invoked
}

const lastOf = (op: Op): number | null => op.effects.at(-1)?.at ?? null
