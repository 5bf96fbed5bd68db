/**
 * A DynamoDB that answers from memory: what it was asked before, and answered, byte for byte. The first
 * time a request comes it is handed on to the real one; writes always are. It stands for an endpoint that
 * costs next to nothing, so that what is measured is the asker.
 */

import { Agent, request as ask } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { answerQuestions } from './parts/answering.ts'

const READS = /\r\nx-amz-target: *DynamoDB_20120810\.((?:Batch)?GetItem|Query)\r\n/i
const HEAD_END = Buffer.from('\r\n\r\n')

const known = new Map<string, Buffer>()
const agent = new Agent({ keepAlive: true })

answerQuestions({
  start: ({ upstream }: { upstream: string }) =>
    new Promise<{ port: number }>((resolve) => {
      const server = createServer((socket) => serve(socket, upstream))
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve({ port: typeof address === 'object' && address ? address.port : 0 })
      })
    }),
})

// ---------------------------------------------------------------------------------------------

/** Requests on one connection come one after the other, each whole before its answer. */
const serve = (socket: Socket, upstream: string): void => {
  let got: Buffer = Buffer.alloc(0)
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (part: Buffer) => {
    got = got.length === 0 ? part : Buffer.concat([got, part])
    const end = got.indexOf(HEAD_END)
    if (end < 0) return
    const head = got.toString('latin1', 0, end + 2)
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
    const whole = end + HEAD_END.length + length
    if (got.length < whole) return
    const body = got.subarray(end + HEAD_END.length, whole)
    got = got.subarray(whole)
    const operation = READS.exec(head)?.[1]
    const id = operation === undefined ? null : operation + body.toString('latin1')
    const answer = id === null ? undefined : known.get(id)
    if (answer !== undefined) socket.write(answer)
    else handOn(socket, upstream, head, body, id)
  })
}

const handOn = (
  socket: Socket,
  upstream: string,
  head: string,
  body: Buffer,
  id: string | null,
): void => {
  const headers = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .filter((line) => /^(x-amz-|authorization|content-)/i.test(line))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const onward = ask(upstream, { method: 'POST', agent, headers }, async (reply) => {
    const parts: Buffer[] = []
    for await (const one of reply) parts.push(one)
    const text = Buffer.concat(parts)
    const answer = Buffer.concat([
      Buffer.from(
        `HTTP/1.1 ${reply.statusCode} ${reply.statusMessage}\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: ${text.length}\r\n\r\n`,
      ),
      text,
    ])
    if (id !== null && reply.statusCode === 200) known.set(id, answer)
    socket.write(answer)
  })
  onward.on('error', () => socket.destroy())
  onward.end(body)
}
