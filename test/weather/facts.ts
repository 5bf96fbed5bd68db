/** What clients know: secrets, sessions, and what was to end which of them. The judge reads it with the history. */
import type { Op, Secret, Session } from './history.ts'

/** A call that is to end authority. Whether it did is for its outcome to say. */
export type End = {
  readonly op: Op
  readonly text: string
  /** Also what began before it and was done after it is ended: a reset doesn't undo a revoke that it didn't see. */
  readonly outranks?: boolean
  /** It is done in several steps: what comes meanwhile may be spared. */
  readonly inSteps?: boolean
  readonly secrets: (secret: Secret) => boolean
  readonly sessions: (session: Session) => boolean
  /** Methods that the sessions may call all the same. */
  readonly leaves?: ReadonlySet<string>
}

/** A secret that was shown to the service, and whether it let it pass. */
export type Pass = {
  readonly op: Op
  readonly secret: Secret
  readonly passed: boolean
  /** Who asked about it; absent where it was shown by who has it. */
  readonly asker?: Secret
}

/** Something with a name that was to be made. */
export type Make = {
  readonly op: Op
  readonly what: 'key' | 'user'
  readonly name: string
  readonly tenant: string
}

export const createFacts = () => ({
  /** Slugs: each stands in all names of its tenant, and nowhere else. */
  tenants: [] as string[],
  secrets: [] as Secret[],
  sessions: [] as Session[],
  ends: [] as End[],
  passes: [] as Pass[],
  makes: [] as Make[],
  removes: [] as { readonly op: Op; readonly id: number }[],
})

export type Facts = ReturnType<typeof createFacts>

/** A value as the history shows it: without what must not be printed. */
export const mask = (facts: Facts, value: unknown): string =>
  JSON.stringify(value, (name, at) =>
    /password|token|otp|code/.test(name) && typeof at === 'string' && !KEY.test(at) ? '…' : at,
  )
    .replace(
      new RegExp(KEY, 'g'),
      (raw) => facts.secrets.find((secret) => secret.raw === raw)?.label ?? '[key]',
    )
    .replace(TOKEN, '[token]')

// ---------------------------------------------------------------------------------------------

const KEY = /[0-9]+-[A-Za-z0-9]{64}/
const TOKEN = /[0-9]+\.[A-Za-z0-9_-]{43,}/g
