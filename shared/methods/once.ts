/** Calls of a session that are carried out once. */

import type { SessionCall } from '../rpc/method.ts'
import type { OnceCall } from '../store/do-once.ts'

type Asked = { readonly idempotency_key: string | null; readonly [parameter: string]: unknown }

/** @param asked the parameters: all of them tell calls apart, but the idempotency key itself. */
export const onceIn = (
  { session: { tenant, uid, key } }: SessionCall,
  method: string,
  { idempotency_key: idempotencyKey, ...params }: Asked,
): OnceCall => ({
  idempotencyKey,
  tenant,
  // The user or key, and not the session, so that a repeat may come in another session.
  credential: key === null ? `user ${uid}` : `key ${key.n}`,
  method,
  params,
})
