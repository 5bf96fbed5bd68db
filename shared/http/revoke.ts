/**
 * `POST /oauth2/revoke` (RFC 7009): the holder of a key ends it. The key is its own proof: nobody else has
 * it, and whoever stole it does no harm by this. What is no good key is answered as one that was ended.
 */
import type { Context } from 'hono'
import * as z from 'zod/mini'
import { looksLikeToken } from '../keys/access-token.ts'
import { checkKey } from '../keys/check.ts'
import { punishExposure } from '../keys/exposure.ts'
import { endHeld } from '../keys/holder.ts'
import type { Checks } from '../service.ts'
import type { Http } from './app.ts'
import { readForm } from './form.ts'
import { badRequest, refusal } from './refusals.ts'

export const RevokeForm = z.object({
  token: z.string().check(z.minLength(1)),
  token_type_hint: z.optional(z.string()),
})

export const revoke =
  (service: Checks) =>
  async (c: Context<Http>): Promise<Response> => {
    const form = await readForm(c)
    if (typeof form === 'string') return badRequest(c, form)
    const { data } = RevokeForm.safeParse(Object.fromEntries(form))
    if (data === undefined) return badRequest(c, 'The parameter `token` is missing.')
    if (looksLikeToken(data.token)) return c.json(NOT_TOKENS, 400)
    const verdict = await checkKey(service, data.token)
    if (verdict.state === 'unknown') return c.body(null, 200)
    const { address } = c.env
    // Over plain http the key has been seen: it ends as such keys do.
    if (!(await punishExposure(service, verdict, { secure: c.var.secure, address })))
      await endHeld(service, verdict, address)
    return c.body(null, 200)
  }

// ---------------------------------------------------------------------------------------------

const NOT_TOKENS = refusal(
  'unsupported_token_type',
  'Access tokens end by themselves within minutes, and with their key at once. Revoke the key.',
)
