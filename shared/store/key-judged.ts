/** What must be of a key as it was read for a change to be made of it, and what an entry says of that: no revision, so that
 * nobody keeps a secret by changing its key all the time. */
import { EARLIEST, LATEST } from '../domain/dates.ts'
import type { CheckedKey, FormerSecret, KeyChange, KeyFacts } from './key-items.ts'

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

/**
 * What an entry says of a change. Before it is what `asJudged` holds: a reset compares neither the expiry nor the former
 * secret, of which it knows for certain only that there was none.
 */
export const auditDataOf = (key: CheckedKey, to: KeyChange) => {
  const { name, expires, revoked, secret, former, scram: _, owner: __, ...others } = to
  // What is added to changes is said below, or left out above.
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
