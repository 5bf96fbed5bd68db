/**
 * `POST /oauth2/revoke` (RFC 7009): the holder of a key ends it. The key is proof enough, since a thief does no harm by
 * this. Anything but a good key is answered as if it was ended. A client that authenticates besides, as libraries do,
 * must do it right (RFC 7009 §2.1), or nothing is done.
 */

import type { Context } from 'hono'
import * as z from 'zod/mini'
import { looksLikeToken } from '../keys/access-token.ts'
import { checkKeys, UNKNOWN } from '../keys/check.ts'
import { endHeld, revokeIfExposed } from '../keys/revoke.ts'
import { readForm } from './body.ts'
import { type Checks, type Http, inTime } from './context.ts'
import { clientCredentials } from './credential.ts'
import { badRequest, EXPOSED, invalidClient, refusal, WRONG_CLIENT, whyBad } from './refusals.ts'

export const RevokeForm = z.object({
  token: z.string().check(z.minLength(1)),
  token_type_hint: z.optional(z.string()),
  client_id: z.optional(z.string()),
  client_secret: z.optional(z.string()),
})

export const revoke =
  (service: Checks) =>
  async (c: Context<Http>): Promise<Response> => {
    const form = await readForm(c, RevokeForm)
    if (typeof form === 'string') return badRequest(c, form)
    const { data } = RevokeForm.safeParse(Object.fromEntries(form))
    if (data === undefined) return badRequest(c, 'The parameter `token` is missing.')
    const client = clientCredentials(c.req.header('authorization'), form)
    if (client.by === 'both') return badRequest(c, client.why)
    const raws = [data.token, ...(client.by === 'none' || client.raw === null ? [] : [client.raw])]
    const [verdict = UNKNOWN, by = UNKNOWN] = await inTime(service, c, (parts) =>
      checkKeys(parts, raws),
    )
    // Over plain http the keys are exposed, and revoked as such.
    const here = { secure: c.env.secure, address: c.env.address }
    const exposed = await revokeIfExposed(service, verdict, here)
    if (client.by !== 'none') {
      if (await revokeIfExposed(service, by, here)) return invalidClient(c, EXPOSED)
      if (by.state === 'unknown') return invalidClient(c, WRONG_CLIENT)
      if (by.state !== 'active') return invalidClient(c, whyBad(by.state))
    }
    if (looksLikeToken(data.token)) return c.json(NOT_TOKENS, 400)
    if (verdict.state !== 'unknown' && !exposed) await endHeld(service, verdict, here.address)
    return c.body(null, 200)
  }

// ---------------------------------------------------------------------------------------------

const NOT_TOKENS = refusal(
  'unsupported_token_type',
  'Access tokens end by themselves within minutes, and with their key at once. Revoke the key.',
)
