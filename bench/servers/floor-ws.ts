/** Floor: what a socket costs whose frames come back as they are, or after JSON was read and written. */
import { WebSocketServer } from 'ws'
import { answerQuestions } from './parts/answering.ts'

answerQuestions({
  start: ({ json }: { json: boolean }) =>
    new Promise<{ port: number }>((resolve) => {
      const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => {
        const address = server.address()
        resolve({ port: typeof address === 'object' && address ? address.port : 0 })
      })
      server.on('connection', (socket) => {
        socket.on('message', (data) => {
          socket.send(json ? echoJson(String(data)) : String(data))
        })
      })
    }),
})

// ---------------------------------------------------------------------------------------------

const echoJson = (text: string): string => {
  const { id, method } = JSON.parse(text)
  return JSON.stringify({ jsonrpc: '2.0', id, result: method })
}
