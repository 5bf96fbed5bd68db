/** Revoke racing with checks: no check that begins after the revoke was acknowledged succeeds. */
import { expect, inject, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Rpc } from '../../local/client.ts'
import { introspect, newTenant, openSocket } from './kit.ts'

/** The promise is the store's, the same wherever it runs; slow targets get fewer, and from bundles each
 * trial takes twice as long. */
const TRIALS = inject('trials') ?? (inject('mode') === 'bundled' ? 250 : 1000)
/** Keys that are raced for at a time. */
const AT_ONCE = 4

it(`${TRIALS} trials of revoke among introspections and logins in flight`, async () => {
  const tenant = await newTenant()
  let began = 0
  let good = 0
  const late: string[] = []

  /** Logs in until told to stop, each time on a socket that is open: a revoke closes those that won. */
  const loginOn = (key: string) => {
    let rpc: Rpc | null = null
    return {
      ask: async (): Promise<boolean> => {
        if (rpc?.socket.readyState !== WebSocket.OPEN) rpc = await openSocket()
        return rpc.call<boolean>('auth.login_with_api_key', key).catch(() => false)
      },
      close: () => rpc?.close(),
    }
  }

  const trial = async (): Promise<void> => {
    const { id, key } = await tenant.create({ name: `race ${began++}` })
    let acknowledged = Number.POSITIVE_INFINITY
    /** Asks again and again, and once more after the acknowledgement: that one must fail. */
    const check = async (kind: string, ask: () => Promise<boolean>): Promise<void> => {
      for (let last = false; !last; ) {
        const start = performance.now()
        last = start > acknowledged
        const passed = await ask()
        if (passed) good++
        if (passed && last) late.push(kind)
      }
    }
    const login = loginOn(key)
    const asking = [
      check('introspection', async () => {
        const reply = await introspect(tenant.device, key)
        return (reply.json() as { active: boolean }).active
      }),
      check('login', login.ask),
    ]
    // Some checks are under way before the revoke is asked for, some when it is answered.
    await introspect(tenant.device, key)
    await tenant.rpc.call('api_key.revoke', id)
    acknowledged = performance.now()
    await Promise.all(asking)
    login.close()
  }

  const racer = async (): Promise<void> => {
    while (began < TRIALS) await trial()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, racer))
  expect(began).toBeGreaterThanOrEqual(TRIALS)
  expect(good).toBeGreaterThan(TRIALS)
  expect(late).toEqual([])
  // A thousand take a minute and a half on a machine to themselves.
}, 1_200_000)
