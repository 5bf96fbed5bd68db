/**
 * Brings a new key up to its owner's present rights. The key is put with the owner as read before, without a condition,
 * on which all creates for one owner would conflict. So the owner is read once more, before the secret is shown.
 */
import type { Parts } from '../parts.ts'
import { SERVICE } from '../store/audit.ts'
import type { KeyFacts } from '../store/key-items.ts'
import type { Once } from '../store/once.ts'
import type { User } from '../store/users.ts'
import { afterMark } from './ends.ts'

/**
 * Updates a new key to its owner's rights. A change of the owner after this read finds the key; one before it may have
 * listed the keys already. If this is cut short, nobody has the secret, and only a reset gives one.
 * @param before the owner as the key has them.
 * @returns false if the owner is gone, and the key with them. @throws Fault OUTCOME_UNKNOWN where they can't be read.
 */
export const followOwner = async (
  service: Pick<Parts, 'users' | 'keys' | 'now'>,
  key: KeyFacts,
  before: User,
  once: Once | undefined,
): Promise<boolean> =>
  afterMark(async () => {
    const now = await service.users.get(key.tenant, before.username)
    if (now === null || now.uid !== before.uid || now.deleted) {
      // Refused if the key was renamed: then it stays, but nobody has its secret, and no reset gives it another.
      await service.keys.remove(key, { at: service.now(), actor: SERVICE, once })
      return false
    }
    if (now.version !== before.version) await service.keys.copyOwner(key, now)
    return true
  })
