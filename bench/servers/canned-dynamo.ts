/**
 * A DynamoDB that answers from memory: items that were read through it before, as the real one gave them.
 * What it hasn't seen yet it asks the real one; writes always go there. It stands for an endpoint that
 * costs next to nothing, so that what is measured is the asker.
 */
import { Agent, request as ask } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { answerQuestions } from './parts/answering.ts'
import { createItems } from './parts/items.ts'

const READS = /\r\nx-amz-target: *DynamoDB_20120810\.(BatchGetItem|GetItem|Query)\r\n/i
const HEAD_END = Buffer.from('\r\n\r\n')

const agent = new Agent({ keepAlive: true })
const items = createItems()

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
    const body = got.toString('utf8', end + HEAD_END.length, whole)
    got = got.subarray(whole)
    const operation = READS.exec(head)?.[1] ?? null
    const answer = operation === null ? undefined : items.answer(operation, body)
    if (answer !== undefined) reply(socket, answer)
    else handOn(socket, upstream, head, body, operation)
  })
}

const reply = (socket: Socket, text: string, status = '200 OK'): void => {
  socket.write(
    `HTTP/1.1 ${status}\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
}

const handOn = (
  socket: Socket,
  upstream: string,
  head: string,
  body: string,
  operation: string | null,
): void => {
  const headers = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .filter((line) => /^(host:|x-amz-|amz-sdk-|user-agent:|authorization|content-)/i.test(line))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const onward = ask(upstream, { method: 'POST', agent, headers }, async (answer) => {
    let text = ''
    answer.setEncoding('utf8')
    for await (const part of answer) text += part
    const { statusCode, statusMessage } = answer
    if (operation !== null && statusCode === 200) items.learn(operation, body, text)
    reply(socket, text, `${statusCode} ${statusMessage}`)
  })
  onward.on('error', () => socket.destroy())
  onward.end(body)
}
