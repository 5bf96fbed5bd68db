/** Faults that show in bad weather: conditions on what is in flight, and answers that are none. */
import type { Mutant } from './mutant.ts'

const WEATHER = 'test/weather/weather.test.ts'

export const IN_WEATHER: readonly Mutant[] = [
  {
    fault: 'An error of DynamoDB is taken for an answer without items',
    file: 'shared/store/quick-reads.ts',
    old: 'if (response.statusCode !== 200) return null',
    new: '',
    killedBy: WEATHER,
  },
  {
    fault: 'A key is changed by an administrator of another tenant',
    file: 'shared/methods/rules.ts',
    old: 'return ref?.tenant === session.tenant ? ref : null',
    new: 'return ref',
    killedBy: WEATHER,
  },
]
