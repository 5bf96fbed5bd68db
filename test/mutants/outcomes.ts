/** Faults in what becomes of a change whose answer is lost, of numbers, and of calls that are sent twice. */
import type { Mutant } from './mutant.ts'

const OUTCOME = 'test/keys/outcome.test.ts'
const DB = 'test/store/db.test.ts'
const NUMBERS = 'test/store/numbers.test.ts'
const ONCE = 'test/store/do-once.test.ts'

export const OUTCOMES: readonly Mutant[] = [
  {
    fault: 'An outcome that is open is told as a failure',
    file: 'shared/store/transact.ts',
    old: 'mayBeDone(input) ? writes.find(isMark) : undefined',
    new: 'undefined as unknown as Mark | undefined',
    killedBy: OUTCOME,
  },
  {
    fault: 'A withdrawal is taken for the mark',
    file: 'shared/store/transact.ts',
    old: 'fromAttributes(error.Item).withdrawn !== true',
    new: 'true',
    killedBy: DB,
  },
  {
    fault: 'A change that was withdrawn is made when its request comes late',
    file: 'shared/store/audit.ts',
    old: '  when: ABSENT,\n',
    new: '',
    killedBy: OUTCOME,
  },
  {
    fault: 'Only the last attempt is looked at',
    file: 'shared/store/failures.ts',
    old: 'if (isOpen(error)) open.add(args.input)',
    new: 'if (isOpen(error)) open.add(args.input)\n        else open.delete(args.input)',
    killedBy: DB,
  },
  {
    fault: 'A 500 means that nothing was done',
    file: 'shared/store/failures.ts',
    old: 'status >= 400 && status < 500',
    new: 'status >= 400',
    killedBy: OUTCOME,
  },
  {
    fault: 'A lease gives one number too many',
    file: 'shared/store/numbers.ts',
    old: 'next: last - size + 1',
    new: 'next: last - size',
    killedBy: NUMBERS,
  },
  {
    fault: 'Every number is a write of the tenant',
    file: 'shared/store/numbers.ts',
    old: 'Math.min(Math.max(block.size * 2, 1), LONGEST_BLOCK)',
    new: '1',
    killedBy: NUMBERS,
  },
  {
    fault: 'All keys are counted in one item',
    file: 'shared/store/key-lists.ts',
    old: 'ref.n % COUNTS',
    new: '0',
    killedBy: NUMBERS,
  },
  {
    fault: 'Two calls with one idempotency key at the same moment are both made',
    file: 'shared/store/once.ts',
    old: "'attribute_not_exists(#pk) OR #until <= :now'",
    new: "'attribute_not_exists(#pk) OR #until > :now'",
    killedBy: ONCE,
  },
  {
    fault: 'A call is not recorded',
    file: 'shared/store/once.ts',
    old: 'if (once === undefined) return []',
    new: 'if (once !== null) return []',
    killedBy: ONCE,
  },
  {
    fault: 'An idempotency key is good for other parameters',
    file: 'shared/store/once.ts',
    old: 'done.params !== once.params',
    new: 'done.at < 0',
    killedBy: ONCE,
  },
  {
    fault: 'The password of a call can be guessed from its record',
    file: 'shared/store/once.ts',
    old: 'const text = password',
    new: 'const text = !password && password',
    killedBy: ONCE,
  },
  {
    fault: 'An idempotency key is everybody’s in the tenant',
    file: 'shared/store/once.ts',
    old: 'key === null ? `user ${uid}` : `key ${key.n}`',
    new: "''",
    killedBy: ONCE,
  },
]
