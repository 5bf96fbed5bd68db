/** `@connections`, asked by the real SDK client. */
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTrust } from '../../local/credentials.ts'
import { startInternal } from '../../local/internal.ts'
import { createPush } from '../../shared/sessions/push.ts'
import { client, gateway, signing, until } from './kit.ts'

const trust = createTrust()

const start = async (asked: Partial<ReturnType<typeof signing>> = {}) => {
  const started = await gateway()
  const kms = () => ({ status: 400, body: {} })
  const internal = await startInternal({ trust, kms, issuer: { jwks: { keys: [] } } })
  onTestFinished(() => internal.close())
  internal.serve(started.peers)
  const api = new ApiGatewayManagementApiClient({
    endpoint: internal.connectionsUrl,
    ...signing(trust),
    ...asked,
    maxAttempts: 1,
  })
  onTestFinished(() => api.destroy())
  const open = async () => {
    const peer = await client(started.urls.ws)
    const id: string = started.of('$connect').at(-1).requestContext.connectionId
    return { ...peer, id }
  }
  return { ...started, api, internal, open }
}

const pushTo = (id: string, text = 'x') =>
  new PostToConnectionCommand({ ConnectionId: id, Data: text })

describe('POST', () => {
  it('reaches that socket and no other', async () => {
    const { api, open } = await start()
    const one = await open()
    const other = await open()
    await api.send(pushTo(one.id, 'hé'))
    await until(() => one.heard.length === 1)
    expect(one.heard).toEqual(['hé'])
    expect(other.heard).toEqual([])
  })

  it('is Gone for an unknown socket and for a closed one', async () => {
    const { api, open, of } = await start()
    await expect(api.send(pushTo('AAAAAAAAAAAAAAA='))).rejects.toMatchObject({
      name: 'GoneException',
      $metadata: { httpStatusCode: 410 },
    })
    const { ws, id } = await open()
    ws.close()
    await until(() => of('$disconnect').length === 1)
    await expect(api.send(pushTo(id))).rejects.toMatchObject({ name: 'GoneException' })
  })

  it('refuses more than 128 KB', async () => {
    const { api, open } = await start()
    const { id, heard } = await open()
    await api.send(pushTo(id, 'x'.repeat(128 * 1024)))
    await until(() => heard.length === 1)
    await expect(api.send(pushTo(id, 'x'.repeat(128 * 1024 + 1)))).rejects.toMatchObject({
      name: 'PayloadTooLargeException',
    })
  })

  it('is refused while the client leaves too much unread', async () => {
    const { api, open } = await start()
    const { ws, id } = await open()
    ws.pause()
    const fill = async (): Promise<unknown> => {
      for (;;) await api.send(pushTo(id, 'x'.repeat(120_000)))
    }
    await expect(fill()).rejects.toMatchObject({
      name: 'LimitExceededException',
      $metadata: { httpStatusCode: 429 },
    })
  })

  it('is refused to who knows an access key, but not its secret', async () => {
    const { accessKeyId } = signing(trust).credentials
    const credentials = { accessKeyId, secretAccessKey: 'secret', sessionToken: 'token' }
    const { api, internal, open } = await start({ credentials })
    const { id } = await open()
    await expect(api.send(pushTo(id))).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
    const url = `${internal.connectionsUrl}/@connections/${encodeURIComponent(id)}`
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(403)
  })
})

describe('GET', () => {
  it('tells whose the socket is', async () => {
    const { api, open } = await start()
    const { id } = await open()
    const found = await api.send(new GetConnectionCommand({ ConnectionId: id }))
    expect(found.Identity).toMatchObject({ SourceIp: '127.0.0.1' })
    expect(Date.now() - (found.ConnectedAt?.getTime() ?? 0)).toBeLessThan(60_000)
    expect(found.LastActiveAt).toBeInstanceOf(Date)
  })
})

describe('DELETE', () => {
  it('closes normally, as AWS does, and the socket is gone at once', async () => {
    const { api, open, of } = await start()
    const { id, closed } = await open()
    await api.send(new DeleteConnectionCommand({ ConnectionId: id }))
    await expect(api.send(pushTo(id))).rejects.toMatchObject({ name: 'GoneException' })
    expect(await closed).toEqual({ code: 1000, reason: 'Connection Closed Normally' })
    await until(() => of('$disconnect').length === 1)
    expect(of('$disconnect')[0].requestContext.disconnectStatusCode).toBe(1000)
  })

  it('closes with the code and reason that our own push asks for', async () => {
    const { api, open } = await start()
    const push = createPush(api)
    const one = await open()
    await push.close(one.id, { code: 4001, reason: 'key révoquée' })
    expect(await one.closed).toEqual({ code: 4001, reason: 'key révoquée' })
    expect(await push.send(one.id, 'x')).toBe('gone')
    const other = await open()
    await push.close(other.id, { code: 1005, reason: 'é'.repeat(200) })
    expect(await other.closed).toEqual({ code: 1000, reason: 'é'.repeat(61) })
  })
})
