/** A key as each version of the API shows it (PROTOCOL 4.2). No secret: those are masked or absent. */
import * as z from 'zod'
import { ITERATIONS } from '../auth/scram.ts'
import { Moment, Whole } from '../rpc/schema.ts'
import { isAtLeast, type Version } from '../rpc/versions.ts'
import type { KeyFacts } from '../store/key-items.ts'

/** What a secret member shows to everybody, always: the table's listed items have none. */
export const MASKED = '********'

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

export const apiKeyEntry = (key: KeyFacts, version: Version): ApiKeyEntry => ({
  id: key.id,
  name: key.name,
  // 25.04 has no null there: its converter writes an empty name (PROTOCOL 1.2).
  username: key.username ?? (isAtLeast(version, 'v25.10.0') ? null : ''),
  user_identifier: key.uid,
  ...(isAtLeast(version, 'v26.0.0')
    ? { iterations: ITERATIONS, salt: MASKED, stored_key: MASKED, server_key: MASKED }
    : { keyhash: MASKED }),
  created_at: new Date(key.createdAt),
  expires_at: key.expires === null ? null : new Date(key.expires),
  local: key.local,
  revoked: key.revoked !== null,
  ...(isAtLeast(version, 'v25.10.0') && { revoked_reason: key.revoked?.reason ?? null }),
})
