/**
 * `POST /v1/introspect`: checks up to 100 keys at once, after the caller is authenticated. They and the gate are read
 * in one request; a hundred keys in two, sent together, as DynamoDB's BatchGetItem takes a hundred items. The answers
 * are those of `/oauth2/introspect`, in the order of the tokens.
 */
import type { Context } from 'hono'
import * as z from 'zod/mini'
import { MOST_AT_ONCE } from '../limits/checks.ts'
import { answerOf } from './answer.ts'
import { authenticateAndCheck, Transport } from './authenticate-and-check.ts'
import type { Checks, Http } from './context.ts'
import { readJson } from './json.ts'
import { badRequest } from './refusals.ts'

export const IntrospectBatch = z.strictObject({
  tokens: z
    .array(z.string('takes texts'), `takes a list of 1 to ${MOST_AT_ONCE} texts`)
    .check(
      z.minLength(1, `takes at least one token`),
      z.maxLength(MOST_AT_ONCE, `takes ${MOST_AT_ONCE} tokens at the most`),
    ),
  transport: z.optional(Transport),
})

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
