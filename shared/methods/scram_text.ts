/** SCRAM's keys as clients read them: base64 (docs/protocol/keys.md §4.2). */
import type { IssuedKey } from '../keys/issue.ts'

export const scramText = (scram: IssuedKey['scram']) => ({
  iterations: scram.iterations,
  salt: scram.salt.toString('base64'),
  client_key: scram.clientKey.toString('base64'),
  stored_key: scram.storedKey.toString('base64'),
  server_key: scram.serverKey.toString('base64'),
})
