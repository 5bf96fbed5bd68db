/** A socket that asks one thing after the other, as cheaply as can be: it doesn't read what comes back,
 * unless it is told to. */
import { WebSocket } from 'ws'

export type Line = Awaited<ReturnType<typeof openLine>>

/** @param ca PEM of the certificate to trust, for `wss:`. */
export const openLine = async (url: string, ca?: string) => {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...(ca !== undefined && { ca }) })
  let resolve: (text: string) => void = () => {}
  let reject: (error: Error) => void = () => {}
  await new Promise<void>((open, fail) => socket.once('open', open).once('error', fail))
  socket.on('message', (data) => resolve(String(data)))
  socket.on('error', (error) => reject(error))
  socket.on('close', (code, reason) => reject(new Error(`closed ${code} ${reason}`)))
  const exchange = (text: string): Promise<string> =>
    new Promise((answered, failed) => {
      resolve = answered
      reject = failed
      socket.send(text)
    })
  return {
    exchange,
    /** @throws Error with the error of the answer. */
    async call<T>(method: string, ...params: unknown[]): Promise<T> {
      const answer = await exchange(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
      const { result, error } = JSON.parse(answer)
      if (error !== undefined) throw new Error(`${method}: ${error.data?.reason ?? error.message}`)
      return result
    },
    close: (): void => socket.terminate(),
  }
}
