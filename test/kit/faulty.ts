/** A wire to DynamoDB that can be told to fail, each request of an operation in its turn; and notes what is written. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { closeServer, listen } from '../../local/listen.ts'

/**
 * How a request ends: answered as it should be; refused (`throttled`), failed or cut off before anything was done; or
 * done, and its answer lost: a 500, a connection that is reset, an answer that stops in its middle.
 * `late` is cut off, and done by `release`.
 */
export type Fault =
  | 'fine'
  | 'throttled'
  | 'failed'
  | 'cut'
  | 'done, 500'
  | 'done, reset'
  | 'done, half'
  | 'late'

/** Comes between DynamoDB and the clients that are made from here on. */
export const startFaulty = async () => {
  const origin = process.env.AWS_ENDPOINT_URL_DYNAMODB ?? ''
  const planned = new Map<string, Fault[]>()
  const asked: string[] = []
  const written: string[] = []
  const held: (() => Promise<unknown>)[] = []

  const server = createServer(async (from, to) => {
    const body = await bodyOf(from)
    const operation = String(from.headers['x-amz-target']).replace(/^.*\./, '')
    asked.push(operation)
    written.push(...writesIn(operation, body))
    const fault = planned.get(operation)?.shift() ?? 'fine'
    const forward = () => send(origin, from, body)
    if (fault === 'throttled') return answer(to, 400, '{"__type":"ThrottlingException"}')
    if (fault === 'failed') return answer(to, 500, '{"__type":"InternalServerError"}')
    if (fault === 'cut') return to.destroy()
    if (fault === 'late') {
      held.push(forward)
      return to.destroy()
    }
    const { status, text } = await forward()
    if (fault === 'done, 500') return answer(to, 500, '{"__type":"InternalServerError"}')
    if (fault === 'done, reset') return to.destroy()
    if (fault === 'done, half') {
      to.writeHead(status, { ...JSON_1, 'content-length': text.length })
      to.write(text.slice(0, text.length / 2))
      return setImmediate(() => to.destroy())
    }
    answer(to, status, text)
  })
  const port = await listen(server, 0, '127.0.0.1')
  process.env.AWS_ENDPOINT_URL_DYNAMODB = `http://127.0.0.1:${port}`
  return {
    /** What becomes of the next requests of an operation, one after the other; later ones are fine. */
    plan: (operation: string, ...faults: Fault[]): void => {
      planned.set(operation, faults)
      asked.length = 0
    },
    /** Operations in the order in which they were asked for since the last plan. */
    asked,
    /** Items that were to be written, as `pk sk`, once for each time. */
    written,
    /** Sends what came late. */
    release: (): Promise<unknown> => Promise.all(held.splice(0).map((send) => send())),
    close: (): Promise<void> => closeServer(server),
  }
}

export type Faulty = Awaited<ReturnType<typeof startFaulty>>

// ---------------------------------------------------------------------------------------------

const JSON_1 = { 'content-type': 'application/x-amz-json-1.0' }

const bodyOf = async (from: AsyncIterable<Buffer>): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of from) parts.push(part)
  return Buffer.concat(parts)
}

type Image = Record<'pk' | 'sk', { readonly S: string }>
type Change = { readonly Key?: Image; readonly Item?: Image }

const writesIn = (operation: string, body: Buffer): string[] => {
  const input: Change & { TransactItems?: Record<string, Change>[] } = JSON.parse(String(body))
  const changes = WRITES.has(operation)
    ? [input]
    : (input.TransactItems ?? []).map(({ Put, Update, Delete }) => Put ?? Update ?? Delete)
  return changes.flatMap((change) => {
    const at = change?.Key ?? change?.Item
    return at === undefined ? [] : [`${at.pk.S} ${at.sk.S}`]
  })
}

const WRITES: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem'])

const answer = (to: ServerResponse, status: number, text: string): void => {
  to.writeHead(status, JSON_1)
  to.end(text)
}

/** Hands a request on as it is, so that its signature stays good. */
const send = (origin: string, { method, headers, url = '/' }: IncomingMessage, body: Buffer) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const onward = request(new URL(url, origin), { method, headers }, async (reply) => {
      resolve({ status: reply.statusCode ?? 502, text: String(await bodyOf(reply)) })
    })
    onward.on('error', reject)
    onward.end(body)
  })
