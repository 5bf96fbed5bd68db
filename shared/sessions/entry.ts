/** A session as `auth.sessions` shows it (docs/protocol/login.md §3.5). */
import * as z from 'zod'
import { idOf } from '../domain/key.ts'
import { Moment, Whole } from '../domain/schema.ts'
import type { Session } from '../store/connection-items.ts'

const Mechanism = z.enum(['API_KEY', 'LOGIN_PASSWORD', 'LOGIN_TWOFACTOR', 'TOKEN'])

const Holder = z.strictObject({
  username: z.string(),
  api_key: z
    .strictObject({ id: Whole, name: z.string() })
    .optional()
    .describe('the key that opened the session, if one did'),
})

export const SessionEntry = z.strictObject({
  id: z.string(),
  current: z.boolean().describe('the caller’s own'),
  internal: z.literal(false),
  origin: z.string().describe('network address of the client'),
  credentials: Mechanism,
  credentials_data: Holder.extend({
    login_id: z.string(),
    login_at: Moment.optional().describe('absent with TOKEN'),
    parent: z
      .strictObject({ credentials: Mechanism.nullable(), credentials_data: Holder })
      .optional()
      .describe('with TOKEN: the login that made the token'),
  }),
  created_at: Moment,
  secure_transport: z.boolean(),
})
export type SessionEntry = z.infer<typeof SessionEntry>

type Listed = { readonly session: Session; readonly address: string; readonly secure: boolean }

export const sessionEntry = (
  { session, address, secure }: Listed,
  current: boolean,
): SessionEntry => ({
  id: session.id,
  current,
  internal: false,
  origin: address,
  credentials: session.credentials,
  credentials_data: credentialsData(session),
  created_at: new Date(session.loginAt),
  secure_transport: secure,
})

// ---------------------------------------------------------------------------------------------

const credentialsData = (session: Session): SessionEntry['credentials_data'] => {
  const { username, id: login_id, parent, loginAt, key, tenant } = session
  const api_key =
    key === null ? {} : { api_key: { id: idOf({ tenant, n: key.n }), name: key.name } }
  if (session.credentials !== 'TOKEN')
    return { username, login_id, login_at: new Date(loginAt), ...api_key }
  return {
    parent: { credentials: parent, credentials_data: { username, ...api_key } },
    login_id,
    username,
  }
}
