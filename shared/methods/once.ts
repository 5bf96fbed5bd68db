/** Calls of a session that are carried out once. */

import type { SessionCall } from '../rpc/method.ts'
import type { OnceCall } from '../store/do-once.ts'

type Asked = { readonly idempotency_key: string | null; readonly [parameter: string]: unknown }

/** @param asked its parameters: all of them count, but the key itself. */
export const onceIn = (
  { session: { tenant, uid, key } }: SessionCall,
  method: string,
  { idempotency_key: idempotencyKey, ...params }: Asked,
): OnceCall => ({
  idempotencyKey,
  tenant,
  // What the session hangs on, so that a repeat may come in another one.
  credential: key === null ? `user ${uid}` : `key ${key.n}`,
  method,
  params,
})
