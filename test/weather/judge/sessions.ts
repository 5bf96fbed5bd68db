/** By which session a call was served: its socket's at that time, which the client may not know while it logs in. */
import { kindOf } from '../aws/read-request.ts'
import type { Facts, Session } from '../facts.ts'
import type { Op } from '../history.ts'

/** All sessions that a call may have been served by. */
export const sessionsOf = ({ sessions }: Facts, op: Op): Session[] => {
  if (op.session === null) return []
  // By the authority of another: an invitation's, a token's.
  if (op.session.client !== op.client) return [op.session]
  const own = sessions.filter(({ client }) => client === op.client)
  const from = op.began ?? op.invoked
  const to = op.answered ?? Infinity
  const before = own.filter((session) => standsAt(session) <= from)
  const during = own.filter((session) => standsAt(session) > from && standsAt(session) < to)
  const last = before.toSorted((a, b) => standsAt(a) - standsAt(b)).at(-1)
  return last === undefined ? during : [last, ...during]
}

// ---------------------------------------------------------------------------------------------

/** When the connection was made this session's. */
const standsAt = ({ opened }: Session): number =>
  opened.effects.find(({ touched }) =>
    touched.writes.some((write) => kindOf(write).startsWith('C#')),
  )?.at ?? Infinity
