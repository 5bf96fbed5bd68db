/** A user as the methods show them. */
import * as z from 'zod'
import { idOf } from '../domain/key.ts'
import { extension, Whole } from '../domain/schema.ts'
import type { OwnedKey } from '../store/key-owners.ts'
import type { User } from '../store/user-items.ts'

export const UserEntry = z.strictObject({
  id: Whole,
  username: z.string(),
  full_name: z.string(),
  roles: z.array(z.string()).describe('as given; what they include is not listed'),
  locked: z.boolean(),
  source: z.literal('LOCAL'),
  local: z.boolean(),
  api_keys: z.array(Whole).describe('ids of the user’s keys'),
  password_disabled: z.boolean(),
  twofactor_auth_configured: z.boolean(),
  planted: z
    .strictObject({
      password: z.boolean(),
      api_keys: z.array(Whole).describe('ids of those keys'),
    })
    .optional()
    .meta({
      description:
        'there if others set the password or made keys of the user, with fewer rights than all: those never go beyond what their makers might hand out',
      ...extension('0.1.0'),
    }),
})
export type UserEntry = z.infer<typeof UserEntry>

export const entry = (user: User, keys: readonly OwnedKey[]): UserEntry => ({
  id: user.uid,
  username: user.username,
  full_name: user.fullName,
  roles: [...user.roles],
  locked: user.locked,
  source: 'LOCAL',
  local: user.local,
  api_keys: idsOf(user, keys),
  password_disabled: user.password === null,
  twofactor_auth_configured: user.secondFactor !== null,
  ...plantedOf(user, keys),
})

// ---------------------------------------------------------------------------------------------

const idsOf = ({ tenant }: User, keys: readonly OwnedKey[]): number[] =>
  keys.map(({ n }) => idOf({ tenant, n }))

/** What others have made in a user's name, which those who give the user more rights want to know. */
const plantedOf = (user: User, keys: readonly OwnedKey[]): Pick<UserEntry, 'planted'> => {
  const api_keys = idsOf(
    user,
    keys.filter(({ planted }) => planted),
  )
  const password = user.password !== null && user.passwordCeiling !== null
  return password || api_keys.length > 0 ? { planted: { password, api_keys } } : {}
}
