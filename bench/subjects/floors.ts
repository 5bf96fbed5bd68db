/** (a) Floors: what nothing, or next to nothing, costs by the same means. */
import type { Cloud } from '../rig/cloud.ts'
import type { Tenant } from '../rig/tenant.ts'
import { bundleOf } from '../run/build.ts'
import { startChild } from '../run/child.ts'
import { repeat } from '../run/many.ts'
import { AT_ONCE, type Sample } from '../run/protocol.ts'
import { openLine } from '../run/socket.ts'
import { toSample } from '../run/stats.ts'
import type { Subject } from '../run/subject.ts'
import { checkedItemOf } from './checked-item.ts'
import { cpuOf, httpSubject } from './http.ts'

export const floors = (cloud: Cloud, canned: string, { keys }: Tenant): Subject[] => [
  httpSubject({
    id: 'hono-nothing',
    group: 'floors',
    label: 'hono, a route that does nothing',
    server: 'floor-hono',
    setup: { keys: [] },
    requests: async () => [{ method: 'GET', path: '/nothing' }],
    isRight: (body) => body === 'ok',
  }),
  httpSubject({
    id: 'hono-hmac',
    group: 'floors',
    label: 'hono, HMAC and a Map',
    server: 'floor-hono',
    setup: { keys },
    requests: async () =>
      keys.map((key) => ({
        method: 'POST',
        path: '/check',
        headers: { authorization: `Bearer ${key}` },
      })),
    isRight: (body) => body === '{"active":true}',
  }),
  socketFloor('ws-echo', '`ws`, echo', false),
  socketFloor('ws-json', '`ws`, JSON read and written', true),
  {
    id: 'get-item',
    group: 'floors',
    label: 'one GetItem, signed by hand, canned',
    by: 'process',
    start: async () => {
      const child = startChild(bundleOf('floor-get-item'), {
        environment: cloud.environment('', canned),
      })
      const bodies = keys.map((key) => JSON.stringify(checkedItemOf(cloud.table, key)))
      await child.ask('start', { url: canned, bodies })
      return {
        measure: (seconds) => child.ask<Sample>('run', seconds),
        close: () => child.stop(),
      }
    },
  },
]

// ---------------------------------------------------------------------------------------------

const socketFloor = (id: string, label: string, json: boolean): Subject => ({
  id,
  group: 'floors',
  label,
  by: 'socket',
  start: async () => {
    const child = startChild(bundleOf('floor-ws'))
    const { port } = await child.ask<{ port: number }>('start', { json })
    const lines = await Promise.all(
      Array.from({ length: AT_ONCE }, () => openLine(`ws://127.0.0.1:${port}`)),
    )
    const ask = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'core.ping', params: [] })
    const expected = json ? '{"jsonrpc":"2.0","id":1,"result":"core.ping"}' : ask
    return {
      measure: async (seconds) => {
        const [done, cpu] = await cpuOf(child, () =>
          repeat(seconds, async (worker) => {
            if ((await lines[worker]?.exchange(ask)) !== expected) throw new Error('another answer')
          }),
        )
        return toSample(done.times, done.ms, cpu)
      },
      close: async () => {
        for (const line of lines) line.close()
        await child.stop()
      },
    }
  },
})
