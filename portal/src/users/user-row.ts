import type { User } from '../../../client/index.ts'

/** A user as the screen shows them. */
export type UserRow = Omit<User, 'api_keys' | 'source' | 'local'>
