/** Faults in what becomes of sockets, and of their calls, when many come at once or something takes too long. */
import { fault, type Mutant } from './mutant.ts'

const SOCKET = 'test/live/socket.test.ts'
const ADMISSION = 'test/store/admission.test.ts'
const LEFTOVERS = 'test/store/leftovers.test.ts'

export const STORMS: readonly Mutant[] = [
  fault(
    'A change that was sent, and takes too long, is told as not made',
    'shared/live/socket.ts',
    "hasSent ? 'OUTCOME_UNKNOWN' : 'UNAVAILABLE'",
    "hasSent ? 'UNAVAILABLE' : 'UNAVAILABLE'",
    SOCKET,
  ),
  fault(
    'A call doesn’t say that it sends a change',
    'shared/store/transact.ts',
    '      if (writes.some((write) => isMark(write) || write.by)) sayThatSent()\n',
    '',
    SOCKET,
  ),
  fault(
    'A request that was refused by the queue may have been done',
    'shared/store/failures.ts',
    "  'UNAVAILABLE' satisfies FaultCode,\n",
    '',
    ADMISSION,
  ),
  fault(
    'Work is done for whom nobody waits any more',
    'shared/store/admission.ts',
    'if (until !== undefined && isPast(until)) throw late()',
    'if (until !== undefined && isPast(until) && free < 0) throw late()',
    ADMISSION,
  ),
  fault(
    'The end of a socket is tried once',
    'shared/live/socket.ts',
    '{ tries: 8, pauseMs: 4000 }',
    '{ tries: 1, pauseMs: 4000 }',
    SOCKET,
  ),
  fault(
    'A socket is closed under the frames that are worked on',
    'shared/live/socket.ts',
    ' || frames.of(id) > 0',
    '',
    SOCKET,
  ),
  fault(
    'A start forgets sockets that live',
    'shared/store/leftovers.ts',
    'if (item === null || item.connectedAt >= before) return',
    'if (item === null) return',
    LEFTOVERS,
  ),
  fault(
    'A start ends sessions that live',
    'shared/store/leftovers.ts',
    'if (item === null || item.session.loginAt >= before) return',
    'if (item === null) return',
    LEFTOVERS,
  ),
  fault(
    'What a session came by outlives it, if its $disconnect was cut short',
    'shared/store/leftovers.ts',
    "  if (at.sk.startsWith('SESSION#') && !sessionRef(at).isCopy) await dropToken(db, item.session)\n",
    '',
    LEFTOVERS,
  ),
  fault(
    'A subscription is made for a session that is its socket’s no more',
    'shared/store/connections.ts',
    "when: '#session.#id = :session AND size(#subscriptions) < :most',\n          values: { session: session.id, most },",
    "when: 'size(#subscriptions) < :most',\n          values: { most },",
    'test/methods/core.test.ts',
  ),
]
