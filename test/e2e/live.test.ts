/** Live sockets: who subscribed hears of every change, and a key that ends takes its sockets along. */
import { describe, expect, it } from 'vitest'
import type { Rpc } from '../../local/client.ts'
import { introspect, lacks, newTenant, openSocket, type Tenant, until } from './kit.ts'

/** How a socket is closed whose session has ended. */
const ENDED =
  'close codes' in lacks
    ? { code: expect.any(Number), reason: expect.any(String) }
    : { code: 1008, reason: 'Session is expired' }

const loggedIn = async (key: string): Promise<Rpc> => {
  const rpc = await openSocket()
  expect(await rpc.call('auth.login_with_api_key', key)).toBe(true)
  return rpc
}
const update = (rpc: Rpc, msg: string, id: number) =>
  rpc.heard(({ method, params }) => {
    return method === 'collection_update' && params.msg === msg && params.id === id
  })

const msOf = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

describe('a subscriber to api_key.query', () => {
  it('hears of a key that is made, renamed, revoked, reset and deleted; never of a secret', async () => {
    const tenant = await newTenant()
    const listener = await loggedIn((await tenant.create()).key)
    const subscription = await listener.call('core.subscribe', 'api_key.query')
    expect(subscription).toMatch(/^[0-9a-f-]{36}$/)
    const { id, key } = await tenant.create({ name: 'watched' })
    const added = await update(listener, 'added', id)
    expect(added.params).toEqual({
      msg: 'added',
      collection: 'api_key.query',
      id,
      fields: expect.objectContaining({ id, name: 'watched', revoked: false, salt: '********' }),
    })
    expect(added.params.fields).not.toHaveProperty('key')
    await tenant.rpc.call('api_key.revoke', id, { reason: 'gone' })
    await listener.heard(
      ({ params }) => (params.fields as { revoked_reason?: string })?.revoked_reason === 'gone',
    )
    const reset = await tenant.reset(id)
    await tenant.rpc.call('api_key.delete', id)
    const removed = await update(listener, 'removed', id)
    expect(removed.params).toEqual({ msg: 'removed', collection: 'api_key.query', id })
    const told = JSON.stringify(listener.notifications)
    for (const secret of [key, reset.key]) expect(told).not.toContain(secret.split('-')[1])
    listener.close()
  })

  it('hears each entry in the shape of its API version', async () => {
    const tenant = await newTenant()
    const { key } = await tenant.create()
    const listener = await openSocket('v25.04.2')
    await listener.call('auth.login_with_api_key', key)
    await listener.call('core.subscribe', '*')
    const { id } = await tenant.create()
    const { params } = await update(listener, 'added', id)
    expect(params.fields).toHaveProperty('keyhash', '********')
    expect(params.fields).not.toHaveProperty('revoked_reason')
    listener.close()
  })

  it('hears no more after unsubscribing, and nothing of another tenant', async () => {
    const [one, two] = await Promise.all([newTenant(), newTenant()])
    const [quiet, other, witness] = await Promise.all([
      loggedIn((await one.create()).key),
      loggedIn((await two.create()).key),
      loggedIn((await one.create()).key),
    ])
    await witness.call('core.subscribe', 'api_key.query')
    await other.call('core.subscribe', 'api_key.query')
    const id = await quiet.call('core.subscribe', 'api_key.query')
    expect(await quiet.call('core.unsubscribe', id)).toBeNull()
    expect(await quiet.call('core.unsubscribe', 'unknown')).toBeNull()
    const made = await one.create()
    await update(witness, 'added', made.id)
    const own = await two.create()
    await update(other, 'added', own.id)
    expect(quiet.notifications.map(({ params }) => params.id)).not.toContain(made.id)
    expect(other.notifications.map(({ params }) => params.id)).not.toContain(made.id)
    for (const rpc of [quiet, other, witness]) rpc.close()
  })

  it('needs the role, and loses the subscription with it', async () => {
    const tenant = await newTenant()
    const user = await tenant.rpc.call<{ id: number }>('user.create', {
      username: 'reader',
      full_name: 'Reader',
      roles: ['API_KEY_READ'],
    })
    const rpc = await loggedIn((await tenant.create({ username: 'reader' })).key)
    await rpc.call('core.subscribe', 'api_key.query')
    await tenant.rpc.call('user.update', user.id, { roles: ['KEY_VALIDATE'] })
    const { params } = await rpc.heard(({ method }) => method === 'notify_unsubscribed')
    expect(params).toMatchObject({
      collection: 'api_key.query',
      error: { reason: '[EACCES] Not authorized' },
    })
    await expect(rpc.call('core.subscribe', 'api_key.query')).rejects.toThrow('Not authorized')
    rpc.close()
  })
})

describe('the sockets that a key opened', () => {
  type Ending = [string, (tenant: Tenant, id: number) => Promise<unknown>]
  const endings: Ending[] = [
    ['revoke', (tenant, id) => tenant.rpc.call('api_key.revoke', id)],
    ['reset', (tenant, id) => tenant.reset(id)],
    ['delete', (tenant, id) => tenant.rpc.call('api_key.delete', id)],
    [
      'lock',
      async (tenant) => {
        const users = await tenant.rpc.call<{ id: number }[]>('user.query', [
          ['username', '=', 'kim'],
        ])
        await tenant.rpc.call('user.update', users[0]?.id, { locked: true })
      },
    ],
  ]
  it.each(endings)(
    'end with its %s: the next call fails, the socket closes in two seconds',
    async (_, end) => {
      const tenant = await newTenant()
      await tenant.rpc.call('user.create', {
        username: 'kim',
        full_name: 'Kim',
        roles: ['FULL_ADMIN'],
      })
      const { id, key } = await tenant.create({ username: 'kim' })
      const [caller, idle, bystander] = await Promise.all([
        loggedIn(key),
        loggedIn(key),
        loggedIn((await tenant.create()).key),
      ])
      await idle.call('core.subscribe', 'api_key.query')
      const usual = await msOf(async () => update(idle, 'added', (await tenant.create()).id))
      await end(tenant, id)
      const ended = performance.now()
      // Refused by the session, or already closed: never carried out.
      await expect(caller.call('auth.me')).rejects.toThrow(/Session is expired|closed/)
      expect(await idle.closed).toEqual(ENDED)
      await caller.closed
      // Of a busy machine, which takes longer for all that it tells, not two seconds but no more than usual.
      expect(performance.now() - ended).toBeLessThan(Math.max(2000, 10 * usual))
      expect(idle.notifications.at(-1)).toMatchObject({
        method: 'notify_unsubscribed',
        params: { collection: 'api_key.query', error: { error: 13 } },
      })
      expect(await bystander.call('core.ping')).toBe('pong')
      bystander.close()
    },
  )
})

describe('a key that expires in three seconds', () => {
  it('is inactive at once, then marked by the sweep, and the subscriber hears of it', async () => {
    const tenant = await newTenant()
    const listener = await loggedIn((await tenant.create()).key)
    await listener.call('core.subscribe', 'api_key.query')
    const { id, key } = await tenant.create()
    const rpc = await loggedIn(key)
    const active = async (): Promise<boolean> =>
      ((await introspect(tenant.device, key)).json() as { active: boolean }).active
    expect(await active()).toBe(true)
    const expires_at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3000)
    await tenant.rpc.call('api_key.update', id, { expires_at })
    const late: number[] = []
    await until(async () => {
      const asked = Date.now()
      const good = await active()
      if (good && asked >= expires_at.getTime()) late.push(asked)
      return !good
    })
    expect(late).toEqual([])
    expect(Date.now()).toBeGreaterThanOrEqual(expires_at.getTime())
    const { params } = await listener.heard(
      ({ params }) =>
        params.id === id && (params.fields as { revoked?: boolean })?.revoked === true,
    )
    expect(params.fields).toMatchObject({ revoked_reason: 'Key expired' })
    expect(await rpc.closed).toEqual(ENDED)
    listener.close()
  })
})
