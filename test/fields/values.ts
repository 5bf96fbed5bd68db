/** Values of every field that a caller can give a key. A new field doesn't compile until it has some. */
import type { ApiKeyCreate, ApiKeyUpdate } from '../../shared/methods/api_key_change.ts'
import { START } from '../kit/service.ts'

const DAY_MS = 86_400_000

/** What a key is made with: a value of each parameter that isn't its default. */
export const CREATE: Required<ApiKeyCreate> = {
  name: 'one',
  username: 'ada',
  expires_at: new Date(START + DAY_MS),
  idempotency_key: 'create',
}

/** What it is changed to: other values. */
const { reset, grace_seconds, idempotency_key, ...change }: Required<ApiKeyUpdate> = {
  name: 'two',
  expires_at: new Date(START + 2 * DAY_MS),
  reset: true,
  grace_seconds: 60,
  idempotency_key: 'reset',
}
export const CHANGE = change
export const RESET = { reset, grace_seconds, idempotency_key }
