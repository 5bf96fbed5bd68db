/**
 * How a new key comes to what its owner may do now. It is put with the owner as they were read before, and no condition
 * holds them: all creates of one owner would meet on it. So they are read once more, before anybody is told the secret.
 */
import type { Parts } from '../parts.ts'
import { SERVICE } from '../store/audit.ts'
import type { KeyFacts } from '../store/key-items.ts'
import type { Once } from '../store/once.ts'
import type { User } from '../store/users.ts'
import { afterMark } from './ends.ts'

/**
 * Makes a new key right by its owner as they are now. A change of them that comes after this reading finds the key; one
 * from before may have looked for keys already. Where this is cut short nobody was told, and only a reset gives a secret.
 * @param before as the key has them.
 * @returns false if they are gone, and the key with them. @throws Fault OUTCOME_UNKNOWN where they can't be read.
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
      // Refused where somebody has renamed it: nobody has its secret, and no reset gives it another.
      await service.keys.remove(key, { at: service.now(), actor: SERVICE, once })
      return false
    }
    if (now.version !== before.version) await service.keys.copyOwner(key, now)
    return true
  })
