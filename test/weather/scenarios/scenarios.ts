import { adminsBesideDemotion, adminsBesideLock } from './admins-beside-lock.ts'
import { backlog, backlog10000 } from './backlog.ts'
import { boxesBehindOneAddress } from './boxes.ts'
import { busyChecks } from './busy-checks.ts'
import { busyTenant } from './busy-tenant.ts'
import { createsBesideEnds } from './creates-beside-ends.ts'
import { createsBesideRevoke } from './creates-beside-revoke.ts'
import { enrolment } from './enrolment.ts'
import { guessFlood } from './guess-flood.ts'
import { hotKey } from './hot-key.ts'
import { lateRequests } from './late-requests.ts'
import { lockKilled } from './lock-killed.ts'
import { oneOwner } from './one-owner.ts'
import { password } from './password.ts'
import { reconnects, reconnects2000 } from './reconnects.ts'
import { resetBesideRevoke } from './reset-beside-revoke.ts'
import type { Scenario } from './scenario.ts'
import { stalledKms } from './stalled-kms.ts'
import { thief64, thief200 } from './thief.ts'
import { tokens } from './tokens.ts'
import { storm, twoTenants } from './two-tenants.ts'
import { kmsStorm, unknownOutcomes } from './unknown-outcomes.ts'

export const SCENARIOS: readonly Scenario[] = [
  createsBesideRevoke,
  createsBesideEnds,
  resetBesideRevoke,
  adminsBesideLock,
  adminsBesideDemotion,
  thief64,
  thief200,
  password,
  tokens,
  enrolment,
  lateRequests,
  lockKilled,
  unknownOutcomes,
  kmsStorm,
  twoTenants,
  storm,
  busyTenant,
  busyChecks,
  boxesBehindOneAddress,
  guessFlood,
  oneOwner,
  hotKey,
  stalledKms,
  reconnects,
  reconnects2000,
  backlog,
  backlog10000,
]
