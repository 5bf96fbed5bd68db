/** The whole, with functions of the test's own: what they find, and what is left when it stops. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Started } from '../../local/bootstrap.ts'
import { type Functions, startCloud } from '../../local/cloud.ts'
import { parseEnv } from '../../shared/env.ts'
import { createPush } from '../../shared/sessions/push.ts'
import { optionsIn, recorder } from './cloud-kit.ts'
import { client, type Event, folder, hushed, until } from './kit.ts'

const start = async (data: string, over: Partial<Functions> = {}) => {
  const { calls, load } = recorder()
  const cloud = await startCloud(optionsIn(data), {
    load: async () => ({ ...(await load()), ...over }),
  })
  onTestFinished(() => cloud.close())
  return { cloud, calls }
}

describe('the functions', () => {
  it('are called by sockets, requests, the schedule and the stream', async () => {
    const { cloud, calls } = await start(await folder())
    const { ws, heard } = await client(cloud.urls.ws)
    ws.send('x')
    await until(() => heard[0] === 'socket')
    expect(await (await fetch(`${cloud.urls.http}/any`)).text()).toBe('http')
    await until(() => calls.sweep.length > 0)
    expect(calls.sweep[0]).toMatchObject({ source: 'aws.scheduler' })
    const dynamo = new DynamoDBClient({})
    const put = (sk: string, at: string) => {
      const Item = { pk: { S: 'T#1' }, sk: { S: sk }, at: { S: at } }
      return dynamo.send(new PutItemCommand({ TableName: 'keyharbor', Item }))
    }
    await put('KEY#000000001', 'once')
    await until(() => calls.tell.length === 1)
    // A new user ends nothing.
    await put('USER#kim', 'once')
    await put('USER#kim', 'twice')
    await until(() => calls.close.length === 1)
    expect(calls.close[0].Records).toMatchObject([{ eventName: 'MODIFY' }])
    expect(calls.tell).toHaveLength(1)
    dynamo.destroy()
  })

  it('find an environment with which every AWS client reaches the right place', async () => {
    const data = await folder()
    const found: { env?: ReturnType<typeof parseEnv> } = {}
    const { cloud } = await start(data, {
      bootstrap: async () => {
        found.env = parseEnv(process.env)
      },
    })
    const { env } = found
    expect(env).toMatchObject({
      KEYHARBOR_DEFAULT_TENANT: 'demo',
      KEYHARBOR_PROTO_HEADER: 'x-forwarded-proto',
      KEYHARBOR_LOCAL: true,
      KEYHARBOR_CHANNEL_BINDINGS: [expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/)],
    })
    const kms = new KMSClient({})
    const made = await kms.send(
      new GenerateDataKeyCommand({ KeyId: env?.KEYHARBOR_KMS_KEY, KeySpec: 'AES_256' }),
    )
    expect(made.Plaintext).toHaveLength(32)
    kms.destroy()
    const { ApiGatewayManagementApiClient } = await import(
      '@aws-sdk/client-apigatewaymanagementapi'
    )
    const endpoint = env?.KEYHARBOR_CONNECTIONS_URL ?? ''
    const api = new ApiGatewayManagementApiClient({ endpoint })
    expect(await createPush(api).send('AAAAAAAAAAAAAAA=', 'x')).toBe('gone')
    api.destroy()
    await cloud.close()
    expect(process.env.KEYHARBOR_CONNECTIONS_URL).toBeUndefined()
    expect(process.env.AWS_ENDPOINT_URL_DYNAMODB).toBeUndefined()
  })

  it('are bootstrapped when they can be called, with an operator that they believe', async () => {
    const data = await folder()
    const seen: { started?: Started; status?: number; verified?: unknown } = {}
    await start(data, {
      bootstrap: async (started) => {
        seen.started = started
        seen.status = (await fetch(`${started.urls.http}/any`)).status
        const env = parseEnv(process.env)
        const jwks = createRemoteJWKSet(new URL(env.KEYHARBOR_OPERATOR_JWKS_URL ?? ''))
        const { payload } = await jwtVerify(await started.operator.token(), jwks, {
          issuer: env.KEYHARBOR_OPERATOR_ISSUER,
          audience: env.KEYHARBOR_OPERATOR_AUDIENCE,
        })
        seen.verified = payload
      },
    })
    expect(seen.started).toMatchObject({ data, ca: join(data, 'tls-cert.pem') })
    expect(seen.started?.urls.wss).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/api\/current$/)
    expect(seen.status).toBe(200)
    expect(seen.verified).toMatchObject({
      sub: 'operator',
      scope: 'tenants:read tenants:write',
    })
    const { exp = 0, iat = 0 } = seen.verified as { exp?: number; iat?: number }
    expect(exp - iat).toBe(30 * 86_400)
  })
})

describe('a stop', () => {
  it('leaves no lock, and the next start keeps keys and certificate', async () => {
    const data = await folder()
    const kept = async () =>
      Promise.all(
        ['kms.key', 'operator.jwk', 'tls-cert.pem'].map((name) => readFile(join(data, name))),
      )
    const first = await start(data)
    await first.cloud.close()
    expect((await readdir(data)).filter((name) => name.startsWith('lock'))).toEqual([])
    const before = await kept()
    await start(data)
    expect(await kept()).toEqual(before)
  })

  it('waits neither for functions that hang nor for peers that do not answer', async () => {
    const lines = hushed()
    const { cloud } = await start(await folder(), {
      sweep: () => new Promise(() => {}),
      socket: async (event: Event) =>
        event.requestContext.routeKey === '$connect' ? { statusCode: 200 } : new Promise(() => {}),
    })
    const { ws } = await client(cloud.urls.ws)
    ws.pause()
    await cloud.close()
    // Said of a function whose time was waited for to its end.
    expect(lines.join('')).not.toContain('took too long')
  })

  it('can be asked for twice', async () => {
    const { cloud } = await start(await folder())
    await Promise.all([cloud.close(), cloud.close()])
  })
})

it('the operator key is published without its private half', async () => {
  const { openIssuer } = await import('../../local/issuer.ts')
  const issuer = await openIssuer(await folder())
  expect(Object.keys(issuer.jwks.keys[0] ?? {}).sort()).toEqual(
    ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'].sort(),
  )
  await jwtVerify(await issuer.token(), createLocalJWKSet(issuer.jwks as never))
})
