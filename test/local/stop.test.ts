/** A stop under load: what is in flight is answered, what comes then is told to come later. */
import { Agent, get } from 'node:http'
import { expect, it } from 'vitest'
import { client, type Event, gateway, until } from './kit.ts'

/** Work that waits until it is let go. */
const held = () => {
  let release = (): void => {}
  let begun = 0
  const gate = new Promise<void>((open) => {
    release = open
  })
  return {
    release: () => release(),
    begun: () => begun,
    wait: async <T>(result: T): Promise<T> => {
      begun++
      await gate
      return result
    },
  }
}

it('frames and requests are answered', async () => {
  const work = held()
  const { urls, close } = await gateway({
    message: ({ body }: Event) => work.wait({ statusCode: 200, body: `answer to ${body}` }),
    http: () => work.wait({ statusCode: 200, body: 'done' }),
  })
  const { ws, heard, closed } = await client(urls.ws)
  for (const name of ['one', 'two']) ws.send(name)
  const asked = ask(`${urls.http}/any`)
  await until(() => work.begun() === 3)
  const stopped = close()
  // Nobody takes it up any more.
  ws.send('late')
  work.release()
  await stopped
  expect(heard.sort()).toEqual(['answer to one', 'answer to two'])
  expect(await asked).toMatchObject({ status: 200, text: 'done' })
  expect(await closed).toMatchObject({ code: 1001 })
  expect(work.begun()).toBe(3)
})

it('who still has a connection is told to come later, and who comes anew is not let in', async () => {
  const work = held()
  const { urls, close } = await gateway({
    http: ({ rawPath }: Event) =>
      rawPath === '/slow' ? work.wait({ statusCode: 200 }) : { statusCode: 200, body: 'quick' },
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  expect((await ask(`${urls.http}/any`, agent)).text).toBe('quick')
  const slow = ask(`${urls.http}/slow`)
  await until(() => work.begun() === 1)
  const stopped = close()
  const answer = await ask(`${urls.http}/any`, agent).catch(() => null)
  // Node.js may have closed the idle connection by itself.
  if (answer !== null) expect(answer).toMatchObject({ status: 503, retry: '10' })
  await expect(ask(`${urls.http}/any`)).rejects.toThrow('ECONNREFUSED')
  work.release()
  expect((await slow).status).toBe(200)
  await stopped
  agent.destroy()
})

// ---------------------------------------------------------------------------------------------

const ask = (url: string, agent?: Agent) =>
  new Promise<{ status: number; text: string; retry: string | undefined }>((done, fail) => {
    get(url, { ...(agent && { agent }) }, (response) => {
      let text = ''
      response.on('data', (part) => {
        text += part
      })
      response.on('end', () =>
        done({
          status: response.statusCode ?? 0,
          text,
          retry: response.headers['retry-after'],
        }),
      )
    }).on('error', fail)
  })
