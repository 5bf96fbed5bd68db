/** JSON bodies, by their schemas. */
import type { Context } from 'hono'
import type * as z from 'zod/v4/core'
import { safeParse } from 'zod/v4/core'

/** Reads a body. @returns what is wrong with it, as text, unless it is right. */
export const readJson = async <T extends z.$ZodType>(
  c: Context,
  schema: T,
): Promise<z.output<T> | string> => {
  const given: unknown = await c.req.json().catch(() => null)
  if (given === null) return 'Send a JSON object.'
  const body = safeParse(schema, given)
  if (body.success) return body.data
  const [issue] = body.error.issues
  const at = issue?.path.length ? issue.path.join('.') : 'The body'
  return `${at}: ${issue?.message}`
}
