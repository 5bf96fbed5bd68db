/** Faults in how guesses at passwords and codes are counted. */
import type { Mutant } from './mutant.ts'

export const GUESSING: readonly Mutant[] = [
  {
    fault: 'Guesses at the same time are more guesses: a spent budget is not looked at again',
    file: 'shared/store/tries.ts',
    old: 'if (window !== null && leftOf(window, taking.now) === 0) return { taken: false, window }',
    new: 'if (window !== null && leftOf(window, taking.now) === 0) return { taken: true, window }',
    killedBy: 'test/auth/guessing.test.ts',
  },
  {
    fault: 'Guesses from a network that logged in long ago are its owner’s',
    file: 'shared/auth/tries.ts',
    old: ' && now - seen < KNOWN_MS',
    new: '',
    killedBy: 'test/auth/known-networks.test.ts',
  },
  {
    fault: 'A login of one name ends the row of guesses at another',
    file: 'shared/auth/tries.ts',
    old: "giveBack(budget === 'known')",
    new: 'giveBack(true)',
    killedBy: 'test/auth/guessing.test.ts',
  },
  {
    fault: 'A flood from elsewhere locks the owner out',
    file: 'shared/auth/tries.ts',
    old: "? 'known' : 'others'",
    new: "? 'others' : 'others'",
    killedBy: 'test/auth/known-networks.test.ts',
  },
  {
    fault: 'A namesake’s networks are known',
    file: 'shared/auth/tries.ts',
    old: 'user !== null && tries.uid === user.uid &&',
    new: 'user !== null &&',
    killedBy: 'test/auth/known-networks.test.ts',
  },
  {
    fault: 'Who knew an older password uses up the tries of the owner’s networks',
    file: 'shared/auth/tries.ts',
    old: ' && tries.passwordVersion === user.passwordVersion',
    new: '',
    killedBy: 'test/auth/known-networks.test.ts',
  },
  {
    fault: 'A clock that is set back locks an account for longer than an hour',
    file: 'shared/store/tries-items.ts',
    old: ' || began > now + SKEW_MS',
    new: '',
    killedBy: 'test/auth/guessing.test.ts',
  },
  {
    fault: 'A code costs no try where the password was right',
    file: 'shared/auth/login.ts',
    old: 'const attempt = await take()\n',
    new: 'const attempt = { succeeded: async () => {}, giveBack: async () => {} }\n',
    killedBy: 'test/auth/guessing.test.ts',
  },
  {
    fault: 'A hundred guesses in a row slow nobody down',
    file: 'shared/store/tries-items.ts',
    old: 'row < ROW ?',
    new: 'row < Infinity ?',
    killedBy: 'test/auth/guessing.test.ts',
  },
  {
    fault: 'A spent budget is written to, and strangers pay with our money',
    file: 'shared/store/tries-items.ts',
    old: ': Math.max(0, mostOf(window) - window.spent)',
    new: ': 1',
    killedBy: 'test/auth/guessing.test.ts',
  },
  {
    fault: 'Names that are not there are not counted',
    file: 'shared/auth/login.ts',
    old: '{ tenant: 0, username, nobody: none }',
    new: '{ tenant: 0, username: countedName(Math.random() + name) }',
    killedBy: 'test/auth/guessing.test.ts',
  },
]
