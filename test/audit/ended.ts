/** Calls by a session that ended after they were judged: which there are, and what they may leave. */
import { expect } from 'vitest'
import { METHODS } from '../../shared/methods/index.ts'
import { isOpen } from '../../shared/rpc/method.ts'
import type { Left } from './ledger.ts'

/** A login acts by what it proves; an enrolment by its invitation, which a session made. */
export const actsBySession = (name: string): boolean =>
  !isOpen(METHODS.get(name)?.access ?? 'session') || name === 'device.enroll'

/** Counts, numbers that are taken, copies of sessions. */
const UNJUDGED = ['META', 'INVITED', 'SESSION']
/** Who logs out ends what is theirs, ended or not. */
const LOGOUT = ['CONN', 'TOKEN']

/** Nothing is left that anybody sees. */
export const expectNothing = (name: string, left: Left | null): void => {
  const may = new Set([...UNJUDGED, ...(name === 'auth.logout' ? LOGOUT : [])])
  const why = `${name} changes something though its session has ended: hand the store the actor of actorOf`
  expect(left?.entries, why).toEqual([])
  expect(
    left?.touched.filter((kind) => !may.has(kind)),
    why,
  ).toEqual([])
}
