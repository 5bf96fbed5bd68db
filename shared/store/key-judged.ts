/** What must be of a key as it was read for a change to be made of it: no revision, so that nobody keeps a secret by
 * changing its key all the time. */
import { EARLIEST, LATEST } from '../domain/dates.ts'
import type { FormerSecret, KeyFacts } from './key-items.ts'

/** What a change of a key goes on from: its secret and revocation; its name, if it gets another; its end, if it
 * follows from that when the sweep is to visit it. */
export const asJudged = (
  { generation, revoked, name, expires }: KeyFacts,
  { isRenamed, isJudgedByDue }: { readonly isRenamed: boolean; readonly isJudgedByDue: boolean },
) => ({
  when: [
    '#generation = :generation',
    revoked === null ? 'attribute_not_exists(#revoked.#cause)' : '#revoked = :revoked_',
    ...(isRenamed ? ['#name = :name_'] : []),
    // Some were stored before dates were bounded, and aren't read as they stand.
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

/** The same, and the former secret is the same one. */
export const withFormer = (
  asRead: ReturnType<typeof asJudged>,
  { generation: former_ }: FormerSecret,
): ReturnType<typeof asJudged> & { values: { former_: number } } => ({
  ...asRead,
  when: `${asRead.when} AND #former.#generation = :former_`,
  values: { ...asRead.values, former_ },
})
