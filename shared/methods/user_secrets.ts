/** `user.*` that change how a user proves himself: password and second factor. */
import * as z from 'zod'
import { checkPassword, hashPassword } from '../auth/password.ts'
import { DEFAULTS, newSecondFactor, provisioningUri } from '../auth/second-factor.ts'
import { Fault, invalid } from '../fault.ts'
import { method } from '../rpc/method.ts'
import { Password, SecretText, Username, Whole } from '../rpc/schema.ts'
import { TwoFactorConfig, twoFactorConfig } from './me.ts'
import { mayTouch } from './rules.ts'
import { byName, change, entryOf, UserEntry } from './user_entry.ts'

export const setPassword = method({
  name: 'user.set_password',
  summary: 'Sets a password: the own one with the old one, another’s with ACCOUNT_WRITE.',
  access: 'session',
  params: {
    set_password_data: z.strictObject({
      username: Username,
      old_password: SecretText.nullable().default(null),
      new_password: Password,
    }),
  },
  result: z.null(),
  run: async ({ set_password_data: data }, call) => {
    const self = data.username === call.session.username
    const user = await byName(call, data.username)
    if (!self) mayTouch(call, user)
    // A session may be a stolen one, a key certainly isn't the password: only the old one is proof.
    // Who has none, such as a service's user, needs no hash to be told so.
    else if (
      data.old_password === null ||
      user.password === null ||
      !(await checkPassword(data.old_password, user.password))
    )
      throw invalid(['set_password_data.old_password', 'Incorrect password'])
    const password = await hashPassword(data.new_password)
    await change(call, user, 'user.set_password', { password })
    return null
  },
})

export const renew2fa = method({
  name: 'user.renew_2fa_secret',
  summary: 'Gives a user a new second factor. The answer shows how to set it up, this once.',
  access: 'session',
  params: {
    username: Username,
    twofactor_options: z
      .strictObject({
        otp_digits: Whole.min(6).max(8).default(DEFAULTS.digits),
        interval: z.union([z.literal(30), z.literal(60)]).default(DEFAULTS.interval),
      })
      .prefault({}),
  },
  result: UserEntry.extend({ twofactor_config: TwoFactorConfig }),
  run: async ({ username, twofactor_options: { otp_digits: digits, interval } }, call) => {
    const user = await byName(call, username)
    if (user.uid !== call.session.uid) mayTouch(call, user)
    // With a key one could else take a user's second factor over.
    else if (call.session.key !== null) throw new Fault('NOT_AUTHORIZED')
    const { service } = call
    const dataKey = await service.tenants.currentDataKey(user.tenant)
    const keys = dataKey === null ? null : await service.vault.keys(user.tenant, dataKey)
    if (dataKey === null || keys === null) throw new Error(`tenant ${user.tenant} has no data key`)
    const secondFactor = newSecondFactor(user, { digits, interval }, keys, dataKey)
    const after = await change(call, user, 'user.renew_2fa_secret', { secondFactor })
    const uri = provisioningUri(user, secondFactor, keys)
    return { ...(await entryOf(call, after)), twofactor_config: twoFactorConfig(after, uri) }
  },
})

export const unset2fa = method({
  name: 'user.unset_2fa_secret',
  summary: 'Takes a user’s second factor away.',
  access: ['ACCOUNT_WRITE'],
  params: { username: Username },
  result: z.null(),
  run: async ({ username }, call) => {
    const user = await byName(call, username)
    mayTouch(call, user)
    // A key must not take away what guards its user's password.
    if (user.uid === call.session.uid && call.session.key !== null)
      throw new Fault('NOT_AUTHORIZED')
    await change(call, user, 'user.unset_2fa_secret', { secondFactor: null })
    return null
  },
})
