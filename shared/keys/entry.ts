/** A key as each version of the API shows it (docs/protocol/keys.md §4.2). No secret: those are masked or absent. */
import { ITERATIONS, type ScramVerifier } from '../crypto/scram.ts'
import { isAtLeast, type Version } from '../domain/versions.ts'
import type { ListedKey } from '../store/key-items.ts'
import type { ApiKeyEntry } from './entry-schema.ts'

/** What every secret member shows: lists have no secrets to show, since a key's listed item has none. */
export const MASKED = '********'

export const apiKeyEntry = (key: ListedKey, version: Version): ApiKeyEntry => ({
  id: key.id,
  name: key.name,
  // 25.04 has no null there: its converter writes an empty name (docs/protocol/wire.md §1.2).
  username: key.username ?? (isAtLeast(version, 'v25.10.0') ? null : ''),
  user_identifier: key.uid,
  ...(isAtLeast(version, 'v26.0.0')
    ? { iterations: ITERATIONS, salt: MASKED, stored_key: MASKED, server_key: MASKED }
    : { keyhash: MASKED }),
  created_at: wholeSeconds(key.createdAt),
  expires_at: key.expires === null ? null : wholeSeconds(key.expires),
  local: key.local,
  revoked: key.revoked !== null,
  ...(isAtLeast(version, 'v25.10.0') && { revoked_reason: key.revoked?.reason ?? null }),
})

/** Rounds as the wire does (docs/protocol/wire.md §1.6), so that queries filter and sort by what the client sees. */
export const wholeSeconds = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000)

/** SCRAM's keys as clients read them: base64. */
export const scramText = (scram: ScramVerifier & { readonly clientKey: Buffer }) => ({
  iterations: scram.iterations,
  salt: scram.salt.toString('base64'),
  client_key: scram.clientKey.toString('base64'),
  stored_key: scram.storedKey.toString('base64'),
  server_key: scram.serverKey.toString('base64'),
})
