/** Authority that ends while calls are in flight: what the table shows after the answer stays so. */
import { describe, expect, it } from 'vitest'
import type { Rpc } from '../../local/client.ts'
import { isActive, newTenant, note, openSocket } from './kit.ts'

/** Calls that one socket may have in flight. */
const A_SOCKET = 20

/** So many calls on sockets of one key, and how they ended. */
const flyBy = async (
  many: number,
  key: string,
  call: (rpc: Rpc, i: number) => Promise<unknown>,
) => {
  const sockets = await Promise.all(
    Array.from({ length: Math.ceil(many / A_SOCKET) }, async () => {
      const rpc = await openSocket()
      expect(await rpc.call<boolean>('auth.login_with_api_key', key)).toBe(true)
      return rpc
    }),
  )
  const calls = Array.from({ length: many }, (_, i) =>
    call(sockets[Math.floor(i / A_SOCKET)] as Rpc, i).catch(() => null),
  )
  return async () => {
    await Promise.all(calls)
    for (const rpc of sockets) rpc.close()
  }
}

describe('what came to be after the answer', () => {
  it('of a revoke among 60 creates by the key: nothing', async () => {
    const tenant = await newTenant()
    const { id, key } = await tenant.create()
    const count = () => tenant.rpc.call<number>('api_key.query', [], { count: true })
    const landed = await flyBy(60, key, async (rpc, i) => {
      const made = await rpc.call<{ key: string }>('api_key.create', {
        name: `loot ${i}`,
        username: 'admin',
      })
      note(made.key)
    })
    await tenant.rpc.call('api_key.revoke', id)
    const then = await count()
    await landed()
    expect(await count()).toBe(then)
  })

  it('of a lock among 40 administrators that the user makes: nobody', async () => {
    const tenant = await newTenant()
    const eve = { username: 'eve', full_name: 'Eve', roles: ['FULL_ADMIN'] }
    const { id } = await tenant.rpc.call<{ id: number }>('user.create', eve)
    const { key } = await tenant.create({ username: 'eve' })
    const count = () => tenant.rpc.call<number>('user.query', [], { count: true })
    const landed = await flyBy(40, key, (rpc, i) =>
      rpc.call('user.create', { ...eve, username: `mole-${i}` }),
    )
    await tenant.rpc.call('user.update', id, { locked: true })
    const then = await count()
    await landed()
    expect(await count()).toBe(then)
  })
})

it('30 keys that are reset and revoked at once: none of them is good', async () => {
  const tenant = await newTenant()
  const beside = await openSocket()
  const admin = { mechanism: 'PASSWORD_PLAIN', username: `admin@${tenant.slug}` }
  await beside.call('auth.login_ex', { ...admin, password: tenant.password })
  const good: number[] = []
  for (let trial = 0; trial < 30; trial++) {
    const { id, key } = await tenant.create()
    const reset = beside.call<{ key: string }>('api_key.update', id, { reset: true })
    const [made] = await Promise.all([
      reset.then((entry) => note(entry.key)).catch(() => null),
      tenant.rpc.call('api_key.revoke', id),
    ])
    for (const raw of [key, made])
      if (raw !== null && (await isActive(tenant.device, raw))) good.push(trial)
  }
  expect(good).toEqual([])
  beside.close()
})
