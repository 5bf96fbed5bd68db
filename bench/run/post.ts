/** Posts to the service over HTTPS, as a caller with a Bearer token. */
import { type Agent, request } from 'node:https'

/** @returns the status and the body of what is answered. */
export const createPost =
  (origin: string, agent: Agent) =>
  (path: string, bearer: string, body: string, type: string): Promise<string> =>
    new Promise((done, fail) => {
      const headers = { authorization: `Bearer ${bearer}`, 'content-type': type }
      const sent = request(new URL(path, origin), { method: 'POST', agent, headers }, (reply) => {
        let text = ''
        reply.setEncoding('utf8')
        reply.on('data', (part) => {
          text += part
        })
        reply.on('end', () => done(`${reply.statusCode} ${text}`))
      })
      sent.on('error', fail)
      sent.end(body)
    })
