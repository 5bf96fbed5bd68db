import type { KeyRef } from './key.ts'

export type AccessToken = KeyRef & {
  readonly id: number
  readonly uid: number
  readonly roles: readonly string[]
  readonly generation: number
  readonly issuedAt: number
  readonly expires: number
}
