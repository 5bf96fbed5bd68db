/** The schema of a key that is shown (`shared/keys/entry.ts` fills it). Apart from that: the fan-out shows
 * keys and needs no schemas. */
import * as z from 'zod'
import { Moment, Whole } from '../rpc/schema.ts'

/** The members of all versions; which one has which is PROTOCOL 4.2's table. */
export const ApiKeyEntry = z.strictObject({
  id: Whole,
  name: z.string(),
  username: z.string().nullable(),
  user_identifier: z.union([Whole, z.string()]),
  keyhash: z.string().optional().describe('25.x: masked'),
  iterations: Whole.optional().describe('from 26'),
  salt: z.string().optional().describe('from 26: masked, but for the answer that shows the key'),
  stored_key: z.string().optional().describe('as salt'),
  server_key: z.string().optional().describe('as salt'),
  created_at: Moment,
  expires_at: Moment.nullable(),
  local: z.boolean(),
  revoked: z.boolean(),
  revoked_reason: z.string().nullable().optional().describe('from 25.10'),
  key: z.string().optional().describe('the raw key: at create and reset only, this once'),
  client_key: z.string().optional().describe('from 26, beside `key`'),
})
export type ApiKeyEntry = z.infer<typeof ApiKeyEntry>
