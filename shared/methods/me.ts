/** A user as `auth.me` and a login's `user_info` show them (docs/protocol/login.md §3.4). */
import * as z from 'zod'
import { DEFAULTS } from '../crypto/second-factor.ts'
import { expand, holds, PORTAL_ROLES } from '../domain/roles.ts'
import { extension, Moment } from '../domain/schema.ts'
import type { Parts } from '../parts.ts'
import type { LiveSession } from '../sessions/session.ts'
import { leftOfBudget } from '../sessions/tries.ts'
import type { Tries, Window } from '../store/tries-items.ts'
import type { User } from '../store/user-items.ts'

export const TwoFactorConfig = z.strictObject({
  provisioning_uri: z.string().nullable(),
  secret_configured: z.boolean(),
  interval: z.int(),
  otp_digits: z.int(),
})

const Left = z.strictObject({
  left: z.int(),
  wrong: z.int(),
  last_from: z.string().nullable(),
  until: Moment.nullable(),
})

export const Me = z.strictObject({
  pw_name: z.string(),
  pw_gecos: z.string(),
  pw_dir: z.string(),
  pw_shell: z.string(),
  pw_uid: z.int(),
  pw_gid: z.int(),
  grouplist: z.array(z.int()),
  sid: z.string().nullable(),
  source: z.literal('LOCAL'),
  local: z.boolean(),
  attributes: z.record(z.string(), z.unknown()),
  two_factor_config: TwoFactorConfig,
  account_attributes: z.array(z.string()),
  privilege: z.strictObject({
    roles: z.set(z.string()),
    allowlist: z.array(z.strictObject({ method: z.string(), resource: z.string() })),
    web_shell: z.boolean(),
    webui_access: z.boolean(),
  }),
  tries: z
    .strictObject({ known_networks: Left, other_networks: Left })
    .nullable()
    .meta(extension('0.1.0')),
})

export const me = async (
  service: Pick<Parts, 'tries' | 'users' | 'now'>,
  session: LiveSession,
): Promise<z.infer<typeof Me>> => {
  const { tenant, uid, username, roles } = session
  // Tries at a password or code are shown to its user, not to a holder of one of their keys.
  const { user, tries } =
    session.key === null
      ? await service.tries.read({ tenant, username })
      : { user: await service.users.get(tenant, username), tries: null }
  return {
    pw_name: username,
    pw_gecos: user?.fullName ?? '',
    pw_dir: '/var/empty',
    pw_shell: '/usr/sbin/nologin',
    pw_uid: uid,
    pw_gid: uid,
    grouplist: [],
    sid: null,
    source: 'LOCAL',
    local: true,
    attributes: {},
    // A provisioning address holds the second factor's secret, and a key must not lead to it: only
    // `user.renew_2fa_secret` shows it, this once.
    two_factor_config: twoFactorConfig(user, null),
    account_attributes: [
      ...(holds(roles, 'FULL_ADMIN') ? ['SYS_ADMIN'] : []),
      'LOCAL',
      ...(user?.secondFactor ? ['2FA'] : []),
      ...(session.key !== null ? ['API_KEY'] : []),
      ...(session.scram ? ['SCRAM'] : []),
    ],
    privilege: {
      roles: expand(roles),
      allowlist: holds(roles, 'FULL_ADMIN') ? [{ method: '*', resource: '*' }] : [],
      web_shell: false,
      webui_access: PORTAL_ROLES.some((role) => holds(roles, role)),
    },
    tries: tries && triesLeft(tries, service.now()),
  }
}

const triesLeft = ({ known, others }: Tries, now: number): z.infer<typeof Me>['tries'] => ({
  known_networks: left(known, now),
  other_networks: left(others, now),
})

const left = (window: Window | null, now: number): z.infer<typeof Left> => {
  const { from, until, ...numbers } = leftOfBudget(window, now)
  return { ...numbers, last_from: from, until: until === null ? null : new Date(until) }
}

const twoFactorConfig = (
  user: User | null,
  uri: string | null,
): z.infer<typeof TwoFactorConfig> => ({
  provisioning_uri: uri,
  secret_configured: user?.secondFactor != null,
  interval: user?.secondFactor?.interval ?? DEFAULTS.interval,
  otp_digits: user?.secondFactor?.digits ?? DEFAULTS.digits,
})
