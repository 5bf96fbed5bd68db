/** Audit entries: who changed what, when and from where. Written with the change or not at all. */
import { ulid } from 'ulid'
import { place } from './places.ts'
import { ABSENT, type Write } from './write.ts'

/** Who acts: a user through a socket, or the service itself. Never taken from a request's body. */
export type Actor = {
  readonly username: string
  /** The key that the user acted with, if any. */
  readonly keyId: number | null
  /** Network address, or null for the service. */
  readonly address: string | null
}

/** The scheduled sweep, and changes that follow from another change. */
export const SERVICE: Actor = { username: 'keyharbor', keyId: null, address: null }

/** An entry, which is also what tells whether its transaction was done. */
export const audit = (
  tenant: number,
  at: number,
  actor: Actor,
  event: string,
  subject: string | number,
): Write<never> => ({
  put: { ...place.audit(tenant, at, ulid(at)), at, actor, event, subject },
  when: ABSENT,
  mark: Math.ceil(at / 1000) + WITHDRAWAL_SECONDS,
})

// ---------------------------------------------------------------------------------------------

/** DynamoDB takes no request that was signed longer ago than 15 minutes: none comes behind a withdrawal that is gone. */
const WITHDRAWAL_SECONDS = 3600
