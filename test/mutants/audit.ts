/** Faults in what is recorded, and in changes that others have overtaken. */
import type { Mutant } from './mutant.ts'

const METHODS = 'test/audit/methods.test.ts'
const OWNER = 'test/keys/owner.test.ts'

export const AUDIT: readonly Mutant[] = [
  {
    fault: 'A change leaves no entry',
    file: 'shared/store/db.ts',
    old: '[...writes, audit(entry)]',
    new: '[...writes]',
    killedBy: METHODS,
  },
  {
    fault: 'An entry doesn’t say what changed',
    file: 'shared/store/audit.ts',
    old: 'changes: changesOf(entry),',
    new: '',
    killedBy: METHODS,
  },
  {
    fault: 'An entry says what nobody has changed',
    file: 'shared/domain/audit-events.ts',
    old: ' || isSame(from, to)',
    new: '',
    killedBy: METHODS,
  },
  {
    fault: 'A role that is given hides behind eight others',
    file: 'shared/domain/audit-events.ts',
    old: 'return left <= 0 ? [...own, ...shared]',
    new: 'if (own.length > MOST_LISTED) return [...own.slice(0, MOST_LISTED), "…"]\n  return left <= 0 ? [...own, ...shared]',
    killedBy: 'test/domain/audit-events.test.ts',
  },
  {
    fault: 'An entry says what its event has no field for',
    file: 'shared/domain/audit-events.ts',
    old: 'new Set([...(row.before ?? []), ...(row.after ?? [])])',
    new: 'Object.keys({ ...before, ...after })',
    killedBy: 'test/domain/audit-events.test.ts',
  },
  {
    fault: 'A long list makes an entry long',
    file: 'shared/domain/audit-events.ts',
    old: 'value.length <= MOST_LISTED',
    new: 'value.length > 0',
    killedBy: 'test/domain/audit-events.test.ts',
  },
  {
    fault: 'The entry of a reset says when the key ended, which it doesn’t compare',
    file: 'shared/store/key-judged.ts',
    old: 'expires_at: isReset ? undefined : key.expires',
    new: 'expires_at: key.expires',
    killedBy: METHODS,
  },
  {
    fault: 'The entry of a lock says what the user was called, which it doesn’t compare',
    file: 'shared/store/users.ts',
    old: 'full_name: isBlind(user, to) ? undefined : user.fullName',
    new: 'full_name: user.fullName',
    killedBy: METHODS,
  },
  {
    fault:
      'The entry of a lock says that nothing changed where somebody may have unlocked the user',
    file: 'shared/store/users.ts',
    old: 'endsAuthority(to) ? undefined : user.locked',
    new: 'user.locked',
    killedBy: METHODS,
  },
  {
    fault: 'The audit doesn’t say which key somebody acted by',
    file: 'shared/sessions/authority.ts',
    old: 'session.key === null ? null : idOf({ tenant: session.tenant, n: session.key.n })',
    new: 'session.key === null ? null : null',
    killedBy: METHODS,
  },
  {
    fault: 'The owner of a new key isn’t read again',
    file: 'shared/keys/create.ts',
    old: '!(await followOwner(service, after, owner, once))',
    new: 'once?.at === null',
    killedBy: OWNER,
  },
  {
    fault: 'A new key keeps the rights that its owner had',
    file: 'shared/keys/create.ts',
    old: 'if (now.version !== before.version)',
    new: 'if (now.version < before.version)',
    killedBy: OWNER,
  },
  {
    fault: 'A new key goes to a namesake of its owner',
    file: 'shared/keys/create.ts',
    old: ' || now.uid !== before.uid',
    new: '',
    killedBy: OWNER,
  },
  {
    fault: 'A key that is taken back leaves the record of its call',
    file: 'shared/store/keys.ts',
    old: '        ...(once === undefined ? [] : [{ delete: once.at }]),\n',
    new: '',
    killedBy: OWNER,
  },
  {
    fault: 'A reset leaves a copy of the owner that nobody made right',
    file: 'shared/store/key-items.ts',
    old: ', ...(owner && copyOf(owner))',
    new: '',
    killedBy: OWNER,
  },
  {
    fault: 'A reset or a longer life puts an older copy of the owner over a newer one',
    file: 'shared/store/keys.ts',
    old: '        ...asCopied,\n',
    new: '',
    killedBy: 'test/keys/overtaken.test.ts',
  },
  {
    fault: 'A deleted key passes checks',
    file: 'shared/store/keys.ts',
    old: '{ delete: itemKey.check(key), ...asNamed },',
    new: '',
    killedBy: 'test/keys/issue.test.ts',
  },
  {
    fault: 'A new expiry brings back a key that somebody revoked',
    file: 'shared/domain/lifecycle.ts',
    old: "revoked?.cause === 'expired' && (expires",
    new: 'revoked !== null && (expires',
    killedBy: 'test/domain/lifecycle.test.ts',
  },
  {
    fault: 'The sweep expires a key a moment late',
    file: 'shared/jobs/sweep.ts',
    old: 'key.expires <= at',
    new: 'key.expires < at',
    killedBy: 'test/keys/issue.test.ts',
  },
  {
    fault: 'The sweep leaves a former secret in the table',
    file: 'shared/jobs/sweep.ts',
    old: 'key.former === null || key.former.until > at',
    new: 'key.former === null || key.former.until >= at',
    killedBy: 'test/keys/issue.test.ts',
  },
]
