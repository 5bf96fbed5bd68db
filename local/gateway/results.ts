/** What a function for a WebSocket returned (Lambda proxy integration), and the frame that it makes. */
import { z } from 'zod'
import type { Outcome } from '../lambda.ts'

const ProxyResult = z.object({
  statusCode: z.number().int().min(100).max(599),
  body: z.string().default(''),
})

/** @returns null for what API Gateway calls a malformed proxy response. */
export const proxyResult = (value: unknown) => ProxyResult.safeParse(value).data ?? null

type Ids = { readonly connectionId: string; readonly requestId: string }

/** The text that answers a frame; '' for none. A result too large to send is an error, never cut. */
export const replyTo = (
  { connectionId, requestId }: Ids,
  outcome: Outcome,
  most: number,
): string => {
  const failed = (message: string) => JSON.stringify({ message, connectionId, requestId })
  if (outcome.kind === 'timedOut') return failed('Endpoint request timed out')
  const result = outcome.kind === 'returned' ? proxyResult(outcome.value) : null
  if (result === null || Buffer.byteLength(result.body) > most)
    return failed('Internal server error')
  return result.body
}
