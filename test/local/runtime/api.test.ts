/** The Runtime API as any program would speak to it. */
import { expect, it, onTestFinished } from 'vitest'
import { startRuntimeApi } from '../../../local/runtime/api.ts'

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f'

const start = async () => {
  const api = await startRuntimeApi()
  onTestFinished(() => api.close())
  const heard: unknown[] = []
  const channel = api.open({
    onNext: () => heard.push('next'),
    onInitError: (error) => heard.push(error),
  })
  const call = (path: string, body?: unknown) =>
    fetch(`http://${channel.address}/2018-06-01/runtime${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return { api, channel, call, heard }
}

it('hands out an event with its headers, and takes one outcome for it', async () => {
  const { channel, call, heard } = await start()
  const asked = call('/invocation/next')
  const outcome = channel.invoke({ event: { a: 1 }, deadline: 1234, arn: ARN })
  const given = await asked
  expect(await given.json()).toEqual({ a: 1 })
  expect(given.headers.get('lambda-runtime-deadline-ms')).toBe('1234')
  expect(given.headers.get('lambda-runtime-invoked-function-arn')).toBe(ARN)
  expect(given.headers.get('lambda-runtime-trace-id')).toMatch(/^Root=1-/)
  const id = given.headers.get('lambda-runtime-aws-request-id')
  expect((await call('/invocation/other/response', {})).status).toBe(400)
  expect((await call(`/invocation/${id}/response`, { b: 2 })).status).toBe(202)
  expect(await outcome).toEqual({ kind: 'returned', value: { b: 2 } })
  expect((await call(`/invocation/${id}/response`, { b: 3 })).status).toBe(400)
  expect(heard).toEqual(['next'])
})

it('gives no second event before the first is answered', async () => {
  const { channel, call } = await start()
  const outcome = channel.invoke({ event: 1, deadline: 0, arn: ARN })
  const id = (await call('/invocation/next')).headers.get('lambda-runtime-aws-request-id')
  expect((await call('/invocation/next')).status).toBe(403)
  await call(`/invocation/${id}/error`, { errorMessage: 'no' })
  expect(await outcome).toEqual({ kind: 'threw', error: { errorMessage: 'no' } })
})

it('hears why a bundle could not be loaded', async () => {
  const { call, heard } = await start()
  await call('/init/error', { errorMessage: 'no' })
  expect(heard).toEqual([{ errorMessage: 'no' }])
})

it('knows nobody without a token, or with one that is over', async () => {
  const { channel, call } = await start()
  const [origin] = channel.address.split('/')
  for (const path of ['', '/0123456789abcdef0123456789abcdef'])
    expect((await fetch(`http://${origin}${path}/2018-06-01/runtime/invocation/next`)).status).toBe(
      403,
    )
  channel.close()
  expect((await call('/invocation/next')).status).toBe(403)
})
