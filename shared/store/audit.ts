/** Audit entries: who changed what, when and from where. Written with the change or not at all. */
import { ulid } from 'ulid'
import { place } from './places.ts'
import type { Write } from './write.ts'

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

/** @param sums what an entry says that stands for several things. */
export const audit = (
  tenant: number,
  at: number,
  actor: Actor,
  event: string,
  subject: string | number,
  sums: Readonly<Record<string, string | number>> = {},
): Write<never> => ({
  put: { ...place.audit(tenant, at, ulid(at)), at, actor, event, subject, ...sums },
})
