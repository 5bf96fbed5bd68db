/** Audit entries: who changed what, when and from where. Written with the change or not at all, and by an
 * authority that still holds. */
import { ulid } from 'ulid'
import { type AuditData, type AuditEvent, changesOf } from '../domain/audit-events.ts'
import type { Caller } from '../domain/permissions.ts'
import { type Ceiling, ceilingOf } from '../domain/roles.ts'
import { itemKey } from './item-keys.ts'
import { ABSENT, type Authority, type Write } from './write.ts'

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

/** Who acts by a proof of this very moment. */
export const byProof = (who: Who): Actor => ({ ...who, authority: null, maker: null })

/** The scheduled sweep, and changes that follow from another change. */
export const SERVICE = byProof({ username: 'keyharbor', keyId: null, address: null })

/** Who changes something, and when, in milliseconds since the epoch. */
export type Act = { readonly at: number; readonly actor: Actor }

/** The same, and which event that is. */
export type AuditedAct<E extends AuditEvent> = Act & { readonly event: E }

/** What an entry is made of. */
export type Entry = AuditData & Act & { readonly tenant: number }

/** An entry, which is also what tells whether its transaction was done. */
export const audit = (entry: Entry): Write<never> => {
  const { tenant, at, event, subject } = entry
  const { authority, username, keyId, address } = entry.actor
  return {
    put: {
      ...itemKey.audit(tenant, at, ulid(at)),
      at,
      actor: { username, keyId, address },
      event,
      subject: Object.values(subject)[0],
      changes: changesOf(entry),
      ...('sums' in entry && entry.sums),
    },
    when: ABSENT,
    mark: Math.ceil(at / 1000) + WITHDRAWAL_SECONDS,
    by: authority,
  }
}

// ---------------------------------------------------------------------------------------------

/** Longer than the 15 minutes for which DynamoDB takes a signed request: none arrives after its withdrawal is gone. */
const WITHDRAWAL_SECONDS = 3600
