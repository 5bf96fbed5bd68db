/** The schema of a key that is shown (`shared/keys/entry.ts` fills it). Apart from that: telling shows
 * keys and needs no schemas. */
import * as z from 'zod'
import { Moment, since, until, Whole } from '../domain/schema.ts'

/** The members of all versions; which one has which is docs/protocol/keys.md §4.2's table. */
export const ApiKeyEntry = z.strictObject({
  id: Whole,
  name: z.string(),
  username: z.string().nullable(),
  user_identifier: z.union([Whole, z.string()]),
  keyhash: z
    .string()
    .optional()
    .meta({ description: 'masked', ...until('v25.10.0') }),
  iterations: Whole.optional().meta(since('v26.0.0')),
  salt: z
    .string()
    .optional()
    .meta({ description: 'masked, but for the answer that shows the key', ...since('v26.0.0') }),
  stored_key: z
    .string()
    .optional()
    .meta({ description: 'as salt', ...since('v26.0.0') }),
  server_key: z
    .string()
    .optional()
    .meta({ description: 'as salt', ...since('v26.0.0') }),
  created_at: Moment,
  expires_at: Moment.nullable(),
  local: z.boolean(),
  revoked: z.boolean(),
  revoked_reason: z.string().nullable().optional().meta(since('v25.10.0')),
  key: z.string().optional().describe('the raw key: at create and reset only, this once'),
  client_key: z
    .string()
    .optional()
    .meta({ description: 'beside `key`', ...since('v26.0.0') }),
})
export type ApiKeyEntry = z.infer<typeof ApiKeyEntry>
