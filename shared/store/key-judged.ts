/** Which facts of a key a change compares with what was read. No revision is among them, so that nobody keeps a secret
 * by changing its key all the time. */
import { EARLIEST, LATEST } from '../domain/dates.ts'
import type { FormerSecret, KeyFacts } from './key-items.ts'

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
  lost: 'KEY_CHANGED' as const,
})

/** The same, and compares the previous secret. */
export const withFormer = (
  asRead: ReturnType<typeof asJudged>,
  { generation: former_ }: FormerSecret,
): ReturnType<typeof asJudged> & { values: { former_: number } } => ({
  ...asRead,
  when: `${asRead.when} AND #former.#generation = :former_`,
  values: { ...asRead.values, former_ },
})
