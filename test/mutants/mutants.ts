import { AUDIT } from './audit.ts'
import { AUTHORITY } from './authority.ts'
import type { Mutant } from './mutant.ts'
import { SECRETS } from './secrets.ts'
import { TENANTS } from './tenants.ts'
import { IN_WEATHER } from './weather.ts'

export const MUTANTS: readonly Mutant[] = [
  ...AUTHORITY,
  ...SECRETS,
  ...TENANTS,
  ...AUDIT,
  ...IN_WEATHER,
]
