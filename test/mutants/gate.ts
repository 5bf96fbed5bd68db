/** Faults in the gate: what holds for all keys of a user, or of a tenant, at once. */
import type { Mutant } from './mutant.ts'

const PROPAGATE = 'test/users/propagate.test.ts'
const SUSPENSION = 'test/tenants/suspension.test.ts'
const UNIT = 'test/store/gate.test.ts'

export const GATE: readonly Mutant[] = [
  {
    fault: 'A check doesn’t look at the gate',
    file: 'shared/store/keys.ts',
    old: 'toChecked(item, ref, gate)',
    new: 'toChecked(item, ref, null)',
    killedBy: PROPAGATE,
  },
  {
    fault: 'A session by key doesn’t look at the gate',
    file: 'shared/sessions/session.ts',
    old: 'toChecked(item, session, gate)',
    new: 'toChecked(item, session, null)',
    killedBy: UNIT,
  },
  {
    fault: 'The gate undoes what a key has had since',
    file: 'shared/store/gate.ts',
    old: 'entry.version > copy.version ? entry : copy',
    new: 'entry',
    killedBy: UNIT,
  },
  {
    fault: 'A gate that is full has no room for a lock',
    file: 'shared/store/gate.ts',
    old: 'takes ? RESERVE : 1',
    new: '1',
    killedBy: UNIT,
  },
  {
    fault: 'A gate is as large as its entries are long',
    file: 'shared/store/gate.ts',
    old: 'return bytes < MOST_BYTES * times',
    new: 'return true',
    killedBy: UNIT,
  },
  {
    fault: 'A gate has all roles of who has very many',
    file: 'shared/store/gate.ts',
    old: 'locked || text.length > LONGEST ?',
    new: 'locked ?',
    killedBy: UNIT,
  },
  {
    fault: 'Changes of users keep a tenant from being suspended',
    file: 'shared/store/tenants.ts',
    old: 'suspended ? ENDING : undefined',
    new: 'undefined',
    killedBy: UNIT,
  },
  {
    fault: 'What isn’t understood in a gate opens it',
    file: 'shared/store/gate.ts',
    old: 'if (entry === null) return { ...copy, locked: true }',
    new: 'if (entry === null) return copy',
    killedBy: UNIT,
  },
  {
    fault: 'One of the copies isn’t written',
    file: 'shared/store/gate.ts',
    old: 'Array.from({ length: COPIES }, (_, copy) => write(itemKey.gate(tenant, copy)))',
    new: 'Array.from({ length: COPIES - 1 }, (_, copy) => write(itemKey.gate(tenant, copy)))',
    killedBy: UNIT,
  },
  {
    fault: 'An older change takes a newer one out of the gate',
    file: 'shared/store/gate.ts',
    old: '} = :rights`',
    new: '} <> :rights`',
    killedBy: PROPAGATE,
  },
  {
    fault: 'The gate is left with the last key, while checks are under way',
    file: 'shared/users/propagate.ts',
    old: 'deps.now() < change.doneAt + LINGER_MS',
    new: 'deps.now() < change.doneAt',
    killedBy: PROPAGATE,
  },
  {
    fault: 'The cursor goes beyond keys that were not written',
    file: 'shared/users/propagate.ts',
    old: 'next = (numbers.at(-1) as number) + 1',
    new: 'next = (numbers.at(-1) as number) + 2',
    killedBy: PROPAGATE,
  },
  {
    fault: 'An older run moves the cursor of a newer change',
    file: 'shared/store/propagations.ts',
    old: "when: '#version = :version AND #next < :next'",
    new: "when: '#next < :next'",
    killedBy: PROPAGATE,
  },
  {
    fault: 'A lock is refused because a wrong password was counted meanwhile',
    file: 'shared/store/users.ts',
    old: 'if (!endsAuthority(to)) return',
    new: 'return',
    killedBy: PROPAGATE,
  },
  {
    fault: 'A lock of the devices’ user is written to each of them',
    file: 'shared/users/commands.ts',
    old: 'isForGood: isDeviceUser(user)',
    new: 'isForGood: false',
    killedBy: 'test/methods/device.test.ts',
  },
  {
    fault: 'A suspended tenant’s keys pass',
    file: 'shared/keys/rules.ts',
    old: "if (key.suspended) return 'suspended'",
    new: '',
    killedBy: SUSPENSION,
  },
  {
    fault: 'A suspended tenant’s sessions go on',
    file: 'shared/sessions/session.ts',
    old: 'if (isSuspended(gate)) return null',
    new: '',
    killedBy: SUSPENSION,
  },
  {
    fault: 'A password opens a suspended tenant',
    file: 'shared/store/tries.ts',
    old: 'user !== null && !isSuspended(gate)',
    new: 'user !== null',
    killedBy: SUSPENSION,
  },
  {
    fault: 'A namesake of a deleted user manages the keys that they have left',
    file: 'shared/domain/permissions.ts',
    old: 'assertCanManageKeysOf(caller, uid === caller.uid ? username : null)',
    new: 'assertCanManageKeysOf(caller, username)',
    killedBy: PROPAGATE,
  },
]
