/**
 * Introspection: is this key good, whose is it, what may it do? `POST /oauth2/introspect` asks about one (RFC 7662),
 * `POST /v1/introspect` about up to a hundred. The caller is a key too, of a user with role KEY_VALIDATE. It proves itself
 * by Bearer, or as any OAuth client does (RFC 7662 §2.1, RFC 6749 §2.3.1). A key that isn't good, or is another tenant's, is
 * `{"active":false}` and nothing else.
 */
import type { Context } from 'hono'
import * as z from 'zod/mini'
import { MOST_AT_ONCE } from '../limits/checks.ts'
import { answerAs, answerOf } from './answer.ts'
import { authenticateAndCheck, Transport } from './authenticate-and-check.ts'
import { type Form, readForm, readJson } from './body.ts'
import type { Checks, Http } from './context.ts'
import { badRequest } from './refusals.ts'

/** Parameters beside these are for extensions, and left alone (RFC 7662 §2.1). */
export const IntrospectForm = z.object({
  token: z.string().check(z.minLength(1)),
  token_type_hint: z.optional(z.string()),
  transport: z.optional(Transport),
  client_id: z.optional(z.string()),
  client_secret: z.optional(z.string()),
})

export const introspect =
  (service: Checks) =>
  async (c: Context<Http>): Promise<Response> => {
    const form = await readForm(c, IntrospectForm)
    if (typeof form === 'string') return badRequest(c, form)
    const { data } = IntrospectForm.safeParse(Object.fromEntries(form))
    if (data === undefined) return badRequest(c, mistakeIn(form))
    const { token, transport = null } = data
    const answers = await authenticateAndCheck(service, c, {
      proof: c.req.header('authorization'),
      form,
      tokens: [token],
      transport,
    })
    if (answers instanceof Response) return answers
    return answerAs(c, service, answerOf(answers.good[0] ?? null), String(answers.caller.id))
  }

export const IntrospectBatch = z.strictObject({
  tokens: z
    .array(z.string('takes texts'), `takes a list of 1 to ${MOST_AT_ONCE} texts`)
    .check(
      z.minLength(1, `takes at least one token`),
      z.maxLength(MOST_AT_ONCE, `takes ${MOST_AT_ONCE} tokens at the most`),
    ),
  transport: z.optional(Transport),
})

/** They and the gate are read in one request; a hundred keys in two, sent together, as DynamoDB's BatchGetItem takes a hundred
 * items. The answers come in the order of the tokens. */
export const introspectBatch =
  (service: Checks) =>
  async (c: Context<Http>): Promise<Response> => {
    const body = await readJson(c, IntrospectBatch)
    if (typeof body === 'string') return badRequest(c, body)
    const { tokens, transport = null } = body
    const proof = c.req.header('authorization')
    const answers = await authenticateAndCheck(service, c, { proof, tokens, transport })
    if (answers instanceof Response) return answers
    return c.json({ results: answers.good.map(answerOf) })
  }

// ---------------------------------------------------------------------------------------------

const mistakeIn = (form: Form): string =>
  form.get('token')
    ? 'The parameter `transport` takes https, wss, http or ws.'
    : 'The parameter `token` is missing.'
