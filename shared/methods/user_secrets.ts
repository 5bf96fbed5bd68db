/** `user.*` that change how users prove themselves: password and second factor. */
import * as z from 'zod'
import { newRecoveryCodes } from '../crypto/recovery.ts'
import { DEFAULTS, newSecondFactor, provisioningUri, stepOf } from '../crypto/second-factor.ts'
import { invalid } from '../domain/fault.ts'
import { assertCanChangeSecrets, assertCanChangeUser } from '../domain/permissions.ts'
import { extension, Password, SecretText, Username, Whole } from '../domain/schema.ts'
import { method, type SessionCall } from '../rpc/method.ts'
import { actorOf } from '../sessions/authority.ts'
import { type Prover, provePassword, reprove } from '../sessions/proof.ts'
import { keepKnown } from '../sessions/tries.ts'
import { ceilingFor } from '../store/audit.ts'
import type { User } from '../store/user-items.ts'
import { change } from '../users/commands.ts'
import { UserEntry } from '../users/entry.ts'
import { byName, entryOf } from '../users/queries.ts'
import { TwoFactorConfig } from './me.ts'

export const setPassword = method({
  name: 'user.set_password',
  summary: 'Sets a password: the own one with the old one, another’s with ACCOUNT_WRITE.',
  stops: true,
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
    const { username, old_password: old, new_password } = data
    const user = await byName(call, username)
    const isOwn = username === call.session.username
    if (!isOwn) assertCanChangeUser(call.session, user)
    assertCanChangeSecrets(call.session)
    // A session may be a stolen one: only the old password is proof.
    const at = 'set_password_data.old_password'
    if (isOwn && old === null) throw invalid([at, 'Incorrect password'])
    if (isOwn && old !== null) await provePassword(call.service, proverOf(call, user), old, at)
    const password = await call.service.passwords.hash(new_password)
    const passwordCeiling = ceilingFor(actorOf(call), user.uid)
    const to = { password, passwordCeiling }
    const after = await change(call, user, 'user.set_password', to)
    if (isOwn) await keepKnown(call.service, after, call.connection.address)
    return null
  },
})

export const renew2fa = method({
  name: 'user.renew_2fa_secret',
  summary:
    'Makes a new second factor for a user, which counts once `user.confirm_2fa_secret` was shown a code of it. The answer shows how to set it up, this once.',
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
    assertCanChangeFactor(call, user)
    const { service } = call
    const dataKey = await service.tenants.currentDataKey(user.tenant)
    const keys = dataKey === null ? null : await service.vault.keys(user.tenant, dataKey)
    if (dataKey === null || keys === null) throw new Error(`tenant ${user.tenant} has no data key`)
    const shape = { digits, interval }
    const pendingFactor = newSecondFactor(user, shape, { keys, dataKey }, service.now())
    const after = await change(call, user, 'user.renew_2fa_secret', { pendingFactor })
    return {
      ...(await entryOf(call, after)),
      twofactor_config: {
        provisioning_uri: provisioningUri(user, pendingFactor, keys),
        secret_configured: after.secondFactor !== null,
        interval,
        otp_digits: digits,
      },
    }
  },
})

/** What a session must show to change its own user's second factor. */
const PROOF = {
  password: SecretText.nullable().default(null),
  otp_token: SecretText.nullable().default(null),
}

export const confirm2fa = method({
  name: 'user.confirm_2fa_secret',
  summary:
    'Puts a new second factor in force, by a code of it. For oneself it takes the password too, and a code of the factor before. Ends the user’s other sessions by password. The answer shows recovery codes, this once.',
  access: 'session',
  extension: { since: '0.1.0' },
  params: {
    username: Username,
    twofactor_confirm: z.strictObject({ code: SecretText, ...PROOF }),
  },
  result: z.strictObject({ recovery_codes: z.array(z.string()) }),
  run: async ({ username, twofactor_confirm: { code, ...proof } }, call) => {
    const { service } = call
    const user = await byName(call, username)
    const isOwn = assertCanChangeFactor(call, user)
    const { pendingFactor } = user
    const now = service.now()
    if (pendingFactor === null || pendingFactor.until <= now)
      throw invalid(['username', 'No new second factor waits for a code: make one first.'])
    if (isOwn) await reprove(service, proverOf(call, user), proof, 'twofactor_confirm')
    const { sealed, dataKey, digits, interval } = pendingFactor
    const keys = await service.vault.keys(user.tenant, dataKey)
    const lastStep = keys && stepOf(user, pendingFactor, keys, code, now)
    if (keys === null || lastStep === null)
      throw invalid(['twofactor_confirm.code', 'Incorrect code'])
    const { codes, hashes: recovery } = newRecoveryCodes(user, keys)
    const secondFactor = { sealed, dataKey, digits, interval, lastStep, recovery }
    const to = { secondFactor, pendingFactor: null }
    const after = await change(call, user, 'user.confirm_2fa_secret', to, isOwn)
    if (isOwn) await keepKnown(service, after, call.connection.address)
    return { recovery_codes: codes }
  },
})

export const unset2fa = method({
  name: 'user.unset_2fa_secret',
  summary:
    'Takes a user’s second factor away. For oneself it takes the password and a code. Ends the user’s other sessions by password.',
  access: ['ACCOUNT_WRITE'],
  params: {
    username: Username,
    twofactor_unset: z.strictObject(PROOF).prefault({}).meta(extension('0.1.0')),
  },
  result: z.null(),
  run: async ({ username, twofactor_unset: proof }, call) => {
    const user = await byName(call, username)
    assertCanChangeUser(call.session, user)
    const isOwn = assertCanChangeFactor(call, user)
    const { service } = call
    if (user.secondFactor === null) {
      await change(call, user, 'user.unset_2fa_secret', { pendingFactor: null })
      return null
    }
    if (isOwn) await reprove(service, proverOf(call, user), proof, 'twofactor_unset')
    const to = { secondFactor: null, pendingFactor: null }
    const after = await change(call, user, 'user.unset_2fa_secret', to, isOwn)
    if (isOwn) await keepKnown(service, after, call.connection.address)
    return null
  },
})

// ---------------------------------------------------------------------------------------------

const proverOf = ({ connection: { address } }: SessionCall, user: User): Prover => ({
  user,
  address,
})

/** @returns whether it is the caller's own. */
const assertCanChangeFactor = (call: SessionCall, user: User): boolean => {
  const isOwn = user.uid === call.session.uid
  if (!isOwn) assertCanChangeUser(call.session, user)
  assertCanChangeSecrets(call.session)
  return isOwn
}
