/** Refusals that the portal knows by their words, for they carry no more; a test holds that the service says them so. */
import { RpcError } from '../../../client/index.ts'

/** Texts by the names of a form's fields. */
export type Refused = Readonly<Record<string, string>>

/** Violations by the last part of their attribute; the bare argument's belong to the name (docs/protocol/keys.md §4.4). */
export const byField = (error: unknown): Refused => {
  if (!(error instanceof RpcError) || error.violations.length === 0) return {}
  return Object.fromEntries(
    error.violations.map(([attribute, message]) => {
      const field = attribute?.split('.')[1] ?? FIELD_OF[message] ?? ''
      return [field, message.replace(/^Value error, /, '')]
    }),
  )
}

export const isRateLimited = (error: RpcError): boolean => error.text === 'Rate Limit Exceeded'

// ---------------------------------------------------------------------------------------------

const FIELD_OF: Readonly<Record<string, string>> = {
  'name must be unique': 'name',
  'Expiration date is in the past': 'expires_at',
  'User does not exist.': 'username',
  'User lacks privilege role membership.': 'username',
}
