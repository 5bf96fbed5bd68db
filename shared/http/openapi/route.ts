/** How a route is told: a row of the tables that the document is made of. */
import type * as z from 'zod'
import type { Body, Reply, ReplyName } from './replies.ts'
import type { Security } from './security.ts'

export type Row = {
  readonly method: Verb
  /** Other methods that are answered alike. */
  readonly also?: readonly Verb[]
  /** As the router has it. */
  readonly path: string
  /** What generated clients call it. */
  readonly operationId: string
  readonly summary: string
  /** `code` stands between backticks: that is CommonMark. */
  readonly description: string
  /** Any of these; none: anybody. */
  readonly security: readonly Security[]
  readonly query?: z.core.$ZodObject
  /** Headers of the request that aren't HTTP's own. */
  readonly headers?: z.core.$ZodObject
  readonly body?: Body
  /** By status. */
  readonly replies: Readonly<Record<number, Reply | ReplyName>>
}

type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options'
