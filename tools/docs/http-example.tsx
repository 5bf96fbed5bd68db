/** A request and its answer, as they stand on the wire. What is secret is in brackets. */
import type { FC } from 'hono/jsx'
import { GATEWAY_HEADER } from '../../shared/http/forward-auth.ts'
import { HEADERS } from '../../shared/http/openapi/headers.ts'
import {
  type Body,
  REPLIES,
  type Reply,
  type ReplyName,
} from '../../shared/http/openapi/replies.ts'
import type { Row } from '../../shared/http/openapi/route.ts'
import { layOut } from './json.tsx'
import { Code } from './parts.tsx'

export const HttpExample: FC<{ row: Row }> = ({ row }) => {
  const [status, reply] = Object.entries(row.replies)[0] ?? []
  if (status === undefined || reply === undefined) return null
  return (
    <>
      <Code label="You send" text={requestOf(row)} />
      <Code label="The service answers" text={answerOf(status, replyOf(reply))} />
    </>
  )
}

/** What a row says it answers, be it its own or one of those in common. */
export const replyOf = (reply: Reply | ReplyName): Reply =>
  typeof reply === 'string' ? REPLIES[reply] : reply

// ---------------------------------------------------------------------------------------------

const requestOf = ({ method, path, security: [proof = {}], body }: Row): string =>
  message(
    [
      `${method.toUpperCase()} ${path} HTTP/1.1`,
      'Host: HOST',
      ...Object.keys(proof).map((name) => PROOFS[name as keyof typeof proof]),
    ],
    body,
  )

const PROOFS = {
  bearer: 'Authorization: Bearer <a raw key>',
  basic: 'Authorization: Basic <id and secret, base64>',
  clientCredentials: 'Authorization: Bearer <an access token>',
  gateway: `${GATEWAY_HEADER}: Bearer <the gateway's key>`,
  operator: "Authorization: Bearer <the operator's token>",
} as const

const answerOf = (status: string, { headers = [], content: [body] = [] }: Reply): string =>
  message(
    [`HTTP/1.1 ${status}`, ...headers.map((name) => `${name}: ${HEADERS[name].example}`)],
    body,
  )

const message = (lines: readonly string[], body: Body | undefined): string =>
  body === undefined
    ? lines.join('\n')
    : [...lines, `Content-Type: ${body.type}`, '', textOf(body)].join('\n')

/** Forms are shown without their %-escapes. */
const textOf = ({ type, example }: Body): string =>
  type === 'application/x-www-form-urlencoded'
    ? Object.entries(example as Record<string, string>)
        .map((pair) => pair.join('='))
        .join('&')
    : layOut(example)
