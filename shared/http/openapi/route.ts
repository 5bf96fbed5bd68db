/** How a route is told: a row of the tables that the document is made of. */
import * as z from 'zod'
import type { HeaderName } from './headers.ts'
import type { ReplyName } from './replies.ts'
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

export type Body = { readonly type: MediaType; readonly schema: Schema; readonly example: unknown }

export type Reply = {
  readonly description: string
  readonly headers?: readonly HeaderName[]
  /** Of those above, the ones that aren't always there. */
  readonly maybe?: readonly HeaderName[]
  readonly content?: readonly Body[]
  /** The only values of `error` in this reply. */
  readonly errors?: readonly string[]
}

export type MediaType =
  | 'application/json'
  | 'application/jwk-set+json'
  | 'application/token-introspection+jwt'
  | 'application/x-www-form-urlencoded'

/** Of zod, or of its small sister that the check function has. */
export type Schema = z.core.$ZodType

/** The schemas that have a name of their own in the document. */
export const NAMED = z.registry<{ readonly id: string }>()

/** Gives schemas their names: what isn't named stands where it is used. */
export const name = (schemas: Readonly<Record<string, Schema>>): void => {
  for (const [id, schema] of Object.entries(schemas)) NAMED.add(schema, { id })
}

/** Says what members mean, of schemas that carry no words because they are part of the check function. */
export const tell = <T extends z.core.$ZodObject>(
  schema: T,
  about: string,
  members: Readonly<Record<keyof T['_zod']['def']['shape'], string>>,
): void => {
  z.globalRegistry.add(schema, { description: about })
  const texts: Readonly<Record<string, string>> = members
  for (const [member, one] of Object.entries(schema._zod.def.shape))
    z.globalRegistry.add(one, { description: texts[member] })
}
