import { AUDIT } from './audit.ts'
import { AUTHORITY } from './authority.ts'
import { FLIGHT } from './flight.ts'
import { GATE } from './gate.ts'
import { GUESSING } from './guessing.ts'
import { KEYS } from './keys.ts'
import type { Mutant } from './mutant.ts'
import { OUTCOMES } from './outcomes.ts'
import { SECRETS } from './secrets.ts'
import { STORMS } from './storms.ts'
import { TENANTS } from './tenants.ts'
import { IN_WEATHER } from './weather.ts'

export const MUTANTS: readonly Mutant[] = [
  ...AUTHORITY,
  ...SECRETS,
  ...TENANTS,
  ...AUDIT,
  ...OUTCOMES,
  ...GATE,
  ...GUESSING,
  ...FLIGHT,
  ...KEYS,
  ...STORMS,
  ...IN_WEATHER,
]
