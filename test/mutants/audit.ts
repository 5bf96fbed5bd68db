/** Faults in what is recorded, and in changes that others have overtaken. */
import type { Mutant } from './mutant.ts'

const METHODS = 'test/audit/methods.test.ts'

export const AUDIT: readonly Mutant[] = [
  {
    fault: 'A change of a key leaves no entry',
    file: 'shared/store/keys.ts',
    old: '\n      audit(key.tenant, at, actor, event, key.id),',
    new: '',
    killedBy: METHODS,
  },
  {
    fault: 'A revoked key leaves no entry',
    file: 'shared/store/keys.ts',
    old: '\n        audit(key.tenant, at, actor, event, key.id),',
    new: '',
    killedBy: METHODS,
  },
  {
    fault: 'A deleted key leaves no entry',
    file: 'shared/store/keys.ts',
    old: "audit(key.tenant, at, actor, 'key.delete', key.id),",
    new: '',
    killedBy: METHODS,
  },
  {
    fault: 'A new key leaves no entry',
    file: 'shared/store/keys.ts',
    old: "audit(tenant, key.createdAt, actor, enrolment ? 'device.enroll' : 'key.create', key.id),",
    new: '',
    killedBy: METHODS,
  },
  {
    fault: 'A change of a user leaves no entry',
    file: 'shared/store/users.ts',
    old: '        audit(tenant, at, actor, event, user.username),\n        ...also,',
    new: '        ...also,',
    killedBy: METHODS,
  },
  {
    fault: 'A new user leaves no entry',
    file: 'shared/store/users.ts',
    old: "audit(user.tenant, user.createdAt, actor, 'user.create', user.username),",
    new: '',
    killedBy: METHODS,
  },
  {
    fault: 'An invitation leaves no entry',
    file: 'shared/store/devices.ts',
    old: "audit(tenant, at, actor, 'device.invite', facts.name ?? ''),",
    new: '',
    killedBy: METHODS,
  },
  {
    fault: 'A new tenant leaves no entry',
    file: 'shared/store/tenants.ts',
    old: "audit(tenant.tenant, createdAt, actor, 'tenant.create', slug),",
    new: '',
    killedBy: 'test/audit/routes.test.ts',
  },
  {
    fault: 'The audit doesn’t say which key somebody acted by',
    file: 'shared/methods/actor.ts',
    old: 'session.key === null ? null : idOf({ tenant: session.tenant, n: session.key.n })',
    new: 'session.key === null ? null : null',
    killedBy: METHODS,
  },
  {
    fault: 'A key is made for a user who changed meanwhile',
    file: 'shared/store/keys.ts',
    old: '      unchanged(tenant, owner),\n',
    new: '',
    killedBy: 'test/keys/issue.test.ts',
  },
  {
    fault: 'A key gets a longer life from a user who changed meanwhile',
    file: 'shared/store/keys.ts',
    old: 'owner === undefined ? [] : [unchanged(key.tenant, owner)]',
    new: '[] as Write<never>[]',
    killedBy: 'test/keys/overtaken.test.ts',
  },
  {
    fault: 'A deleted key passes checks',
    file: 'shared/store/keys.ts',
    old: '{ delete: place.check(key), ...asNamed },',
    new: '',
    killedBy: 'test/keys/issue.test.ts',
  },
  {
    fault: 'A new expiry brings back a key that somebody revoked',
    file: 'shared/keys/lifecycle.ts',
    old: "revoked?.cause === 'expired' && (expires",
    new: 'revoked !== null && (expires',
    killedBy: 'test/keys/lifecycle.test.ts',
  },
  {
    fault: 'The sweep expires a key a moment late',
    file: 'shared/keys/sweep.ts',
    old: 'key.expires <= at',
    new: 'key.expires < at',
    killedBy: 'test/keys/issue.test.ts',
  },
  {
    fault: 'The sweep leaves a former secret in the table',
    file: 'shared/keys/sweep.ts',
    old: 'key.former === null || key.former.until > at',
    new: 'key.former === null || key.former.until >= at',
    killedBy: 'test/keys/issue.test.ts',
  },
]
