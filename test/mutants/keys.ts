/** Faults in what becomes of a key that several change at once. */
import type { Mutant } from './mutant.ts'

const BESIDE = 'test/keys/beside.test.ts'
const STORE = 'shared/store/keys.ts'

export const KEYS: readonly Mutant[] = [
  {
    fault: 'A reset with grace is held up by one new end of the key after the other',
    file: STORE,
    old: 'const isJudgedByDue = isDueAnew && !isReset',
    new: 'const isJudgedByDue = isDueAnew',
    killedBy: BESIDE,
  },
  {
    fault: 'A former secret that ends with the key has no visit of its own',
    file: STORE,
    old: '(former !== undefined && (former ?? key.former) !== null) ||',
    new: '',
    killedBy: BESIDE,
  },
  {
    fault: 'A reset plans the visit by an end of the key that may be another since',
    file: STORE,
    old: 'const due = isReset ? at : next',
    new: 'const due = next',
    killedBy: BESIDE,
  },
  {
    fault: 'A key that was due early is visited for ever',
    file: 'shared/jobs/sweep.ts',
    old: 'await service.keys.visitNext(key)',
    new: '',
    killedBy: BESIDE,
  },
  {
    fault: 'A late visit is planned by what the key was',
    file: 'shared/store/keys.ts',
    old: '...(key.former === null ? asRead : withPreviousSecret(asRead, key.former)),',
    new: '...(key.n < 0 && asRead),',
    killedBy: BESIDE,
  },
  {
    fault: 'An update answers with what the key was',
    file: 'shared/keys/change.ts',
    old: 'await readChanged(service, ref)',
    new: 'key',
    killedBy: BESIDE,
  },
  {
    fault: 'A device enrols for a user of devices who was deleted meanwhile',
    file: 'shared/keys/create.ts',
    old: 'if (!(await followOwner(',
    new: 'if (!enrolment && !(await followOwner(',
    killedBy: 'test/keys/owner.test.ts',
  },
]
