/** By which session a call was served: its socket's at that time, which the client may not know while it logs in. */
import { kindOf } from '../aws/read-request.ts'
import type { Facts } from '../facts.ts'
import type { Op, Session } from '../history.ts'

/** @returns for a call, all sessions that it may have been served by. */
export const sessionFinder = ({ sessions }: Facts): ((op: Op) => Session[]) => {
  const since = new Map(sessions.map((session) => [session, standsAt(session)]))
  const at = (session: Session): number => since.get(session) ?? Infinity
  const byClient = new Map<string, Session[]>()
  for (const session of sessions.toSorted((a, b) => at(a) - at(b)))
    if (!byClient.get(session.client)?.push(session)) byClient.set(session.client, [session])
  return (op) => {
    if (op.session === null) return []
    // By the authority of another: an invitation's, a token's.
    if (op.session.client !== op.client) return [op.session]
    const own = byClient.get(op.client) ?? []
    const from = op.began ?? op.invoked
    const to = op.wrote ?? op.answered ?? Infinity
    const during = own.filter((session) => at(session) > from && at(session) < to)
    const last = own.findLast((session) => at(session) <= from)
    return last === undefined ? during : [last, ...during]
  }
}

// ---------------------------------------------------------------------------------------------

/** When the connection was made this session's. */
const standsAt = ({ opened }: Session): number =>
  opened.effects.find(({ touched }) =>
    touched.writes.some((write) => kindOf(write).startsWith('C#')),
  )?.at ?? Infinity
