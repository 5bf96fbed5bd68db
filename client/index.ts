/** The package's entry point. */
export * from './api.ts'
export { createClient } from './client.ts'
export { Disconnected, RpcError, SignedOut, type Violation } from './errors.ts'
export {
  keyLogin,
  type SignIn,
  type TokenLogin,
  type TokenStore,
  tokenLogin,
  type Who,
} from './login.ts'
export type { Clock, Socket, SocketConstructor } from './platform.ts'
export type * from './types.ts'
