/** Bodies of OAuth requests: `application/x-www-form-urlencoded`, and nothing given twice (RFC 6749 §3.2). */
import type { Context } from 'hono'
import { LARGE } from '../json.ts'
import { turn } from '../turns.ts'
import type { Http } from './app.ts'

/** A token and a few parameters. */
const FORM_BYTES = 16 * 1024

/** Parameters by name, each of them once. */
export type Form = ReadonlyMap<string, string>

/** Reads the form that a request carries. @returns what is wrong with it, as text, unless it is right. */
export const readForm = async (c: Context<Http>): Promise<Form | string> => {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded')
    return 'Send the parameters as application/x-www-form-urlencoded.'
  const body = await c.req.text()
  if (body.length > LARGE) await turn()
  if (body.length > FORM_BYTES) return 'The request is too large.'
  const given = new URLSearchParams(body)
  // Without a value a parameter is as good as left out (RFC 6749 §3.2).
  const form = new Map([...given].filter(([, value]) => value !== ''))
  return new Set(given.keys()).size < given.size ? 'A parameter is given more than once.' : form
}
