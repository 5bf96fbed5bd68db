/**
 * `POST /oauth2/introspect` (RFC 7662): is this key good, whose is it, what may it do? The caller is
 * a key too, of a user with role KEY_VALIDATE; both are read in one request. A key that isn't good,
 * or is another tenant's, is `{"active":false}` and nothing else. It proves itself by Bearer, or as any OAuth
 * client does (RFC 7662 §2.1, RFC 6749 §2.3.1).
 */
import type { Context } from 'hono'
import * as z from 'zod/mini'
import { answerOf } from './answer.ts'
import { authenticateAndCheck, Transport } from './authenticate-and-check.ts'
import type { Checks, Http } from './context.ts'
import { type Form, readForm } from './form.ts'
import { badRequest } from './refusals.ts'
import { answerAs } from './signed-answer.ts'

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

// ---------------------------------------------------------------------------------------------

const mistakeIn = (form: Form): string =>
  form.get('token')
    ? 'The parameter `transport` takes https, wss, http or ws.'
    : 'The parameter `token` is missing.'
