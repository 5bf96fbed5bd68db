/** Audit entries: who changed what, when and from where. Written with the change or not at all, and by an
 * authority that still holds. */
import { ulid } from 'ulid'
import type { Authority } from './authority.ts'
import { place } from './places.ts'
import type { Write } from './write.ts'

/** Who acted, as an entry says it. */
export type Who = {
  readonly username: string
  /** The key that the user acted with, if any. */
  readonly keyId: number | null
  /** Network address, or null for the service. */
  readonly address: string | null
}

/** Who acts: a user through a socket, or the service itself. Never taken from a request's body. */
export type Actor = Who & {
  /** The session that must still hold when the change is made. Null for who acts by a proof of this very moment,
   * and for the service itself. */
  readonly authority: Authority | null
}

/** The scheduled sweep, and changes that follow from another change. */
export const SERVICE: Actor = { username: 'keyharbor', keyId: null, address: null, authority: null }

export const audit = (
  tenant: number,
  at: number,
  { authority, ...actor }: Actor,
  event: string,
  subject: string | number,
): Write<never> => ({
  put: { ...place.audit(tenant, at, ulid(at)), at, actor, event, subject },
  by: authority,
})
