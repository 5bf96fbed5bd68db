/** Metrics on one machine: what is counted here and in processes of bundles, as Prometheus reads it, and for the owner alone. */
import { existsSync } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { serveMetrics } from '../../local/metrics.ts'
import { createToOurLog } from '../../local/runtime/log.ts'
import { createMetrics, METRICS } from '../../shared/metrics.ts'
import { folder, hushed } from './kit.ts'

const ask = (socketPath: string, path = '/metrics') =>
  new Promise<{ status: number; type: string; text: string }>((done, fail) => {
    const asked = request({ socketPath, path }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      const type = String(response.headers['content-type'])
      response.on('end', () => done({ status: response.statusCode ?? 0, type, text }))
    })
    asked.on('error', fail).end()
  })

const served = async () => {
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true')
  onTestFinished(() => void vi.unstubAllEnvs())
  const data = await folder()
  const path = join(data, 'metrics.sock')
  // As a kill leaves it.
  await writeFile(path, '')
  const close = await serveMetrics(data, () => ({ keyharbor_sockets: 3 }))
  onTestFinished(close)
  const lines = async () =>
    (await ask(path)).text.split('\n').filter((line) => !line.startsWith('#'))
  return { path, close, lines }
}

it('counts what is counted in this process and in others, and has nothing else', async () => {
  const { lines } = await served()
  const metrics = createMetrics('Here')
  metrics.add('LoginFailed')
  metrics.add('CloseLag', 9)
  metrics.add('CloseLag', 2.5)
  metrics.flush()
  const there = createToOurLog('Socket')
  hushed()
  there(
    '{"_aws":{"Timestamp":1},"service":"There","LoginFailed":[1,1],"LoginSucceeded":1,"SweepLag":90}',
  )
  there('{"_aws":{"broken')
  there('{"_aws":{},"LoginFailed":"7","constructor":5}')
  const said = Object.fromEntries((await lines()).map((line) => line.split(' ')))
  expect(said).toMatchObject({
    keyharbor_login_failed_total: '3',
    keyharbor_login_succeeded_total: '1',
    keyharbor_key_exposed_total: '0',
    keyharbor_close_lag_seconds: '2.5',
    keyharbor_sweep_lag_seconds: '90',
    keyharbor_sockets: '3',
  })
  const valueless = ['keyharbor_tell_lag_seconds', 'keyharbor_queue_wait_seconds']
  for (const name of valueless) expect(said).not.toHaveProperty(name)
  expect(Number(said.process_resident_memory_bytes)).toBeGreaterThan(1e6)
  const ours = Object.keys(said).filter((name) => /^keyharbor_.*(total|seconds)$/.test(name))
  expect(ours).toHaveLength(Object.keys(METRICS).length - valueless.length)
  expect((await lines()).join('')).not.toMatch(/[{}]/)
})

it('is the text format of Prometheus, at one path', async () => {
  const { path } = await served()
  const { status, type, text } = await ask(path)
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4'])
  expect(text).toMatch(/^(# TYPE (\w+) (counter|gauge)\n\2 [0-9.e+-]+\n)+$/)
  expect(text).toContain('# TYPE keyharbor_call_failed_total counter\n')
  expect(text).toContain('# TYPE keyharbor_sockets gauge\n')
  expect((await ask(path, '/')).status).toBe(404)
})

it('is for its owner alone, and gone when the service is', async () => {
  const { path, close } = await served()
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await close()
  expect(existsSync(path)).toBe(false)
})

it('is no reason to fail where there can be none', async () => {
  const lines = hushed()
  const data = join(await folder(), 'long'.repeat(40))
  await mkdir(data)
  await (await serveMetrics(data))()
  expect(JSON.parse(lines.join(''))).toMatchObject({ message: 'metrics are not served' })
})
