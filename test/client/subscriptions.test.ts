/** What a listener hears, and how it goes on hearing when sockets come and go. */
import { expect, it } from 'vitest'
import { type Answers, calm, refused, start } from './kit.ts'

let ids = 0
const subscribes: Answers = ({ method }) => (method === 'core.subscribe' ? `s${++ids}` : null)

const listening = async (answers: Answers = subscribes) => {
  const run = start({}, { answers })
  const heard: string[] = []
  const stop = run.client.subscribe(
    'api_key.query',
    ({ msg, id }) => heard.push(`${msg} ${id}`),
    () => heard.push('gap'),
    ({ text }) => heard.push(`refused: ${text}`),
  )
  await calm()
  return { ...run, run, heard, stop }
}

const update = (msg: string, id: number) => ({
  jsonrpc: '2.0',
  method: 'collection_update',
  params: { msg, collection: 'api_key.query', id, fields: {} },
})

it('a listener hears of changes, of its event only, until it stops', async () => {
  const { socket, heard, stop } = await listening()
  socket.receive(update('added', 1))
  socket.receive({
    ...update('added', 2),
    params: { ...update('added', 2).params, collection: 'core.get_jobs' },
  })
  stop()
  socket.receive(update('removed', 1))
  expect(heard).toEqual(['added 1'])
  const { method, params } = socket.frames.at(-1) ?? {}
  expect([method, params]).toEqual(['core.unsubscribe', [`s${ids}`]])
})

it('several listeners of one event are one subscription, which ends with the last', async () => {
  const { client, socket, heard, stop } = await listening()
  const stopOther = client.subscribe('api_key.query', ({ id }) => heard.push(`other ${id}`))
  socket.receive(update('changed', 7))
  expect(heard).toEqual(['changed 7', 'other 7'])
  stop()
  stop()
  expect(socket.frames.filter(({ method }) => method.includes('subscribe'))).toHaveLength(1)
  stopOther()
  expect(socket.frames.at(-1)?.method).toBe('core.unsubscribe')
})

it('a new socket is subscribed before it is online, and the listener hears of the gap', async () => {
  const { run, heard, client, clock } = await listening()
  run.socket.drop()
  await clock.advance(500)
  expect(client.state).toBe('online')
  expect(run.called).toEqual(['core.set_options', 'core.subscribe'])
  expect(heard).toEqual(['gap'])
  run.socket.receive(update('added', 3))
  expect(heard).toEqual(['gap', 'added 3'])
})

it('a call after a subscription goes out when that holds', async () => {
  const { client, socket } = await listening()
  client.subscribe('core.get_jobs', () => {})
  void client.call('core.get_jobs')
  expect(socket.frames.at(-1)).toMatchObject({
    method: 'core.subscribe',
    params: ['core.get_jobs'],
  })
  await calm()
  expect(socket.frames.at(-1)?.method).toBe('core.get_jobs')
})

it('who may not listen is told, and their calls go on', async () => {
  const { client, heard } = await listening(({ method }) =>
    method === 'core.subscribe' ? refused('EACCES', 'Not authorized') : null,
  )
  expect(heard).toEqual(['refused: Not authorized'])
  expect(await client.call('core.ping')).toBeNull()
})

it('who may not listen any more is told', async () => {
  const { socket, heard } = await listening()
  const { data } = refused('EACCES', 'Not authorized').refused
  const params = { collection: 'api_key.query', error: data }
  socket.receive({ jsonrpc: '2.0', method: 'notify_unsubscribed', params })
  expect(heard).toEqual(['refused: Not authorized'])
})

it('who stops before the subscription came about is not subscribed in the end', async () => {
  const run = start({}, { answers: subscribes })
  await calm()
  run.client.subscribe('api_key.query', () => {})()
  await calm()
  expect(run.called).toEqual(['core.set_options', 'core.subscribe', 'core.unsubscribe'])
})
