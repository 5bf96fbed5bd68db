/** JSON bodies, by their schemas. */
import type { Context } from 'hono'
import type * as z from 'zod/v4/core'
import { safeParse } from 'zod/v4/core'
import { LARGE, parseJson, Unreadable } from '../domain/json.ts'
import { turn } from '../domain/turns.ts'

/** Reads a body. @returns what is wrong with it, as text, unless it is right. */
export const readJson = async <T extends z.$ZodType>(
  c: Context,
  schema: T,
): Promise<z.output<T> | string> => {
  const text = await c.req.text()
  if (text.length > LARGE) await turn()
  const given = parsed(text)
  if (given instanceof Unreadable) return `The body is no I-JSON (RFC 7493): ${given.message}.`
  if (given === null) return 'Send a JSON object.'
  const body = safeParse(schema, given)
  if (body.success) return body.data
  const [issue] = body.error.issues
  const at = issue?.path.length ? issue.path.join('.') : 'The body'
  return `${at}: ${issue?.message}`
}

// ---------------------------------------------------------------------------------------------

const parsed = (text: string): unknown => {
  try {
    return parseJson(text)
  } catch (error) {
    return error instanceof Unreadable ? error : null
  }
}
