/** The registry: every method of the API, once. Dispatch, validation, `core.get_methods` and the
 * documentation come from it; a method that isn't listed here does not exist. */
import type { Method } from '../rpc/method.ts'
import * as apiKey from './api_key.ts'
import * as apiKeyChange from './api_key_change.ts'
import * as auth from './auth.ts'
import * as authLogin from './auth_login.ts'
import * as core from './core.ts'
import * as device from './device.ts'
import * as user from './user.ts'
import * as userSecrets from './user_secrets.ts'

export const METHODS: ReadonlyMap<string, Method> = new Map(
  [core, authLogin, auth, apiKey, apiKeyChange, device, user, userSecrets]
    .flatMap((namespace): Method[] => Object.values(namespace))
    .map((method) => [method.name, method]),
)
