import { createServer, type RequestListener } from 'node:http'
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi'
import { expect, it, onTestFinished } from 'vitest'
import { closeServer, listen } from '../../local/listen.ts'
import { createPush } from '../../shared/sessions/push.ts'

/** Pushes to an `@connections` that answers so. */
const pushTo = async (answer: RequestListener, slowMs?: number) => {
  const server = createServer(answer)
  const port = await listen(server, 0, '127.0.0.1')
  const client = new ApiGatewayManagementApiClient({
    endpoint: `http://127.0.0.1:${port}/api`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  })
  onTestFinished(async () => {
    client.destroy()
    server.closeAllConnections()
    await closeServer(server)
  })
  return createPush(client, slowMs)
}

it.each([
  [200, '', 'sent'],
  [410, 'GoneException', 'gone'],
  [429, 'LimitExceededException', 'full'],
])('a push that is answered %i is %s%s', async (status, type, outcome) => {
  const push = await pushTo((_, response) => {
    response.writeHead(status, { 'x-amzn-errortype': type }).end('{}')
  })
  expect(await push.send('abc=', 'text')).toBe(outcome)
})

it('one that isn’t answered in time counts as full, and is asked once', async () => {
  let asked = 0
  const push = await pushTo(() => {
    asked++
  }, 50)
  expect(await push.send('abc=', 'text')).toBe('full')
  expect(asked).toBeLessThanOrEqual(1)
})
