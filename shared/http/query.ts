/**
 * Query strings, read strictly: a gateway that writes `?scopes=` for `?scope=` would let everybody in. A parameter is
 * refused that a route doesn't declare, or that is given twice, empty or malformed.
 *
 * RFC 6749 §3.2 has servers ignore request parameters that they don't recognise: those of the form, which is
 * where OAuth's parameters are. None of our endpoints' addresses has a query of its own, and credentials must not be in
 * one (RFC 6749 §2.3.1, RFC 7662 §2.1, RFC 7009 §2.1): so a query there is a mistake, and is told.
 */
import type { Context } from 'hono'
import type * as z from 'zod/mini'
import { safeParse } from 'zod/v4/core'

/**
 * Reads the query of a request by a route's schema. @returns the query, or what is wrong as text, which names the
 * parameter and never repeats its value.
 */
export const readQuery = <T extends z.core.$ZodObject>(
  c: Context,
  schema: T,
): z.output<T> | string => {
  const given = parameters(queryOf(c.req.url), Object.keys(schema._zod.def.shape))
  if (typeof given === 'string') return given
  const read = safeParse(schema, Object.fromEntries(given))
  if (read.success) return read.data
  const [issue] = read.error.issues
  return `The parameter ${issue?.path.join('.')} ${issue?.message}.`
}

/** Of a route that declares no query. @returns what is wrong, or null where there is none. */
export const unwantedQuery = (c: Context): string | null => {
  const given = parameters(queryOf(c.req.url), [])
  return typeof given === 'string' ? given : null
}

// ---------------------------------------------------------------------------------------------

/** All that comes behind the path. A fragment, which no client should send, is refused and not dropped. */
const queryOf = (url: string): string => /[?#](.*)$/s.exec(url)?.[1] ?? ''

/** The parameters by name, decoded as forms are (https://url.spec.whatwg.org/#urlencoded-parsing). */
const parameters = (
  query: string,
  known: readonly string[],
): ReadonlyMap<string, string> | string => {
  const found = new Map<string, string>()
  for (const piece of query.split('&')) {
    if (piece === '') continue
    const [, rawName = '', rawValue = ''] = /^([^=]*)=?(.*)$/s.exec(piece) ?? []
    const name = decoded(rawName)
    if (name === null || !known.includes(name)) return unknown(name, known)
    const value = decoded(rawValue)
    if (value === null) return `The parameter ${name} has a percent-encoding that is none.`
    if (value === '') return `The parameter ${name} is empty: give it a value, or leave it out.`
    if (found.has(name)) return `The parameter ${name} is given more than once.`
    found.set(name, value)
  }
  return found
}

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

/** Repeats only what looks like a name: anything else may be a key. */
const unknown = (name: string | null, known: readonly string[]): string => {
  const named = /^[A-Za-z_][\w.[\]-]{0,39}$/.test(name ?? '')
  const what = named ? `The parameter ${name} is not known here` : 'The query is not understood'
  return known.length > 0
    ? `${what}: this address takes ${known.join(' and ')}.`
    : `${what}: this address takes no query. Parameters go into the body: addresses end up in logs.`
}
