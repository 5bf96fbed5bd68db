/** Optimistic locking of keys: which facts a change compares with what was read, and what its audit entry says of them. No
 * revision is among them, so that nobody keeps a secret by changing its key all the time. */
import type { AuditData } from '../domain/audit-events.ts'
import { EARLIEST, LATEST } from '../domain/dates.ts'
import type { CheckedKey, KeyChange, KeyFacts, PreviousSecret } from './key-items.ts'

/** Compares secret and revocation; the name, if the key gets another; the expiry, if the sweep's next visit follows
 * from it. */
export const asJudged = (
  { generation, revoked, name, expires }: KeyFacts,
  { isRenamed, isJudgedByDue }: { readonly isRenamed: boolean; readonly isJudgedByDue: boolean },
) => ({
  when: [
    '#generation = :generation',
    revoked === null ? 'attribute_not_exists(#revoked.#cause)' : '#revoked = :revoked_',
    ...(isRenamed ? ['#name = :name_'] : []),
    // Older dates may be out of bounds, and are read as the nearest within.
    ...(isJudgedByDue
      ? ['(#expires = :expires_ OR #expires < :earliest OR #expires > :latest)']
      : []),
  ].join(' AND '),
  values: {
    generation,
    ...(revoked !== null && { revoked_: revoked }),
    ...(isRenamed && { name_: name }),
    ...(isJudgedByDue && { expires_: expires, earliest: EARLIEST, latest: LATEST }),
  },
  conflict: 'KEY_CHANGED' as const,
})

/** The same, and compares the previous secret. */
export const withPreviousSecret = (
  asRead: ReturnType<typeof asJudged>,
  { generation: former_ }: PreviousSecret,
): ReturnType<typeof asJudged> & { values: { former_: number } } => ({
  ...asRead,
  when: `${asRead.when} AND #former.#generation = :former_`,
  values: { ...asRead.values, former_ },
})

/**
 * What an entry says of a change. Before it is what `asJudged` holds: a reset compares neither the expiry nor the previous
 * secret, of which it knows for certain only that there was none.
 */
export const auditDataOf = (
  key: CheckedKey,
  to: KeyChange,
): Omit<AuditData<'key.update'>, 'event'> => {
  const {
    name,
    expires,
    revoked,
    secret,
    former,
    scram: _,
    owner: __,
    username: ___,
    ...others
  } = to
  // A field that is added to changes doesn't compile until it is shown below, or left out above.
  others satisfies Record<string, never>
  const isReset = secret !== undefined
  return {
    subject: { key: key.id },
    before: {
      name: key.name,
      expires_at: isReset ? undefined : key.expires,
      revoked_reason: key.revoked?.reason ?? null,
      generation: key.generation,
      grace_until: isReset && key.former !== null ? undefined : (key.former?.until ?? null),
    },
    after: {
      name,
      expires_at: expires,
      revoked_reason: revoked === null ? null : revoked?.reason,
      generation: secret?.generation,
      grace_until: former === null ? null : former?.until,
    },
  }
}
