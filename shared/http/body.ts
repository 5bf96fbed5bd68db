/**
 * Bodies of requests, by the schemas of their routes. OAuth's are `application/x-www-form-urlencoded`: known parameters may
 * come once, and unknown ones must be ignored (RFC 6749 §3.2, RFC 7662 §2.1), also if they come more than once, as
 * `resource` may (RFC 8707 §2). All others are JSON, and taken strictly.
 */
import type { Context } from 'hono'
import type * as z from 'zod/v4/core'
import { safeParse } from 'zod/v4/core'
import { LARGE, parseJson, Unreadable } from '../domain/json.ts'
import { turn } from '../domain/turns.ts'
import type { Http } from './context.ts'

/** A token and a few parameters. */
const FORM_BYTES = 16 * 1024

/** Parameters by name, each of them once. */
export type Form = ReadonlyMap<string, string>

/** Reads a request's form. @param schema names the known parameters. @returns the form, or what is wrong as text. */
export const readForm = async (c: Context<Http>, schema: z.$ZodObject): Promise<Form | string> => {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded')
    return 'Send the parameters as application/x-www-form-urlencoded.'
  const body = await c.req.text()
  if (body.length > LARGE) await turn()
  if (body.length > FORM_BYTES) return 'The request is too large.'
  const given = new URLSearchParams(body)
  const known = Object.keys(schema._zod.def.shape)
  const twice = known.find((name) => given.getAll(name).length > 1)
  if (twice !== undefined) return `The parameter \`${twice}\` is given more than once.`
  // Without a value a parameter is as good as left out (RFC 6749 §3.2).
  return new Map([...given].filter(([name, value]) => known.includes(name) && value !== ''))
}

/** Reads a body of JSON. @returns what is wrong with it, as text, unless it is right. */
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
