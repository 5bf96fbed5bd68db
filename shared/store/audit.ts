/** Audit entries: who changed what, when and from where. Written with the change or not at all, and by an
 * authority that still holds. */
import { ulid } from 'ulid'
import type { Caller } from '../domain/permissions.ts'
import { type Ceiling, ceilingOf } from '../domain/roles.ts'
import { place } from './places.ts'
import type { Authority } from './write.ts'
import { ABSENT, type Write } from './write.ts'

/** Who acted, as an entry says it. */
export type Who = {
  readonly username: string
  /** The key that the user acted with, if any. */
  readonly keyId: number | null
  /** Network address, or null for the service. */
  readonly address: string | null
}

export type Maker = Caller & {
  /** Of the key or password that they act by (`domain/roles.ts`). */
  readonly ceiling: Ceiling
}

/** The ceiling of a new secret: the maker's roles; for one's own secret, the ceiling that the maker acts under. */
export const ceilingFor = ({ maker }: Actor, uid: number): Ceiling => {
  if (maker === null) return null
  return maker.uid === uid ? maker.ceiling : ceilingOf(maker.roles)
}

/** Who acts: a user through a socket, or the service itself. Never taken from a request's body. */
export type Actor = Who & {
  /** The session that must still hold when the change is made. Null for who acts by a proof of this very moment,
   * and for the service itself. */
  readonly authority: Authority | null
  /** The rights that they act with, which what they make for others never exceeds. Null for the service itself, and for
   * who acts by a proof, whose rights nothing checks. */
  readonly maker: Maker | null
}

/** The scheduled sweep, and changes that follow from another change. */
export const SERVICE: Actor = {
  username: 'keyharbor',
  keyId: null,
  address: null,
  authority: null,
  maker: null,
}

/** An entry, which is also the mark by which `transact.ts` knows whether its transaction was done.
 * @param sums figures of an entry that stands for several events. */
export const audit = (
  tenant: number,
  at: number,
  { authority, username, keyId, address }: Actor,
  event: string,
  subject: string | number,
  sums: Readonly<Record<string, string | number>> = {},
): Write<never> => ({
  put: {
    ...place.audit(tenant, at, ulid(at)),
    at,
    actor: { username, keyId, address },
    event,
    subject,
    ...sums,
  },
  when: ABSENT,
  mark: Math.ceil(at / 1000) + WITHDRAWAL_SECONDS,
  by: authority,
})

// ---------------------------------------------------------------------------------------------

/** Longer than the 15 minutes for which DynamoDB takes a signed request: none arrives after its withdrawal is gone. */
const WITHDRAWAL_SECONDS = 3600
