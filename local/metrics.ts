/**
 * What the service counts about itself (`shared/metrics.ts`), for a Prometheus that runs beside it: served as text on a socket in
 * the data folder, so to whom the folder belongs and nobody else. Sums are of this run, and no label tells of a tenant.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
import { chmod, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, relative } from 'node:path'
import { MetricUnit } from '@aws-lambda-powertools/metrics'
import { COUNTED, type Counted, METRICS, type MetricName } from '../shared/metrics.ts'
import { closeServer } from './listen.ts'
import { log } from './log.ts'

const SOCKET = 'metrics.sock'

/** What can be read at any moment, by the names that it has there. */
export type Gauges = () => Readonly<Record<string, number>>

/** @returns what takes the socket away. Where there can be none, such as in a folder whose path is too long for it, that is
 * logged, and the service goes on. */
export const serveMetrics = async (
  data: string,
  gauges: Gauges = () => ({}),
): Promise<() => Promise<void>> => {
  const counting = startCounting()
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end()
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(textOf({ ...counting.values(), ...OF_PROCESS(), ...gauges() }))
  })
  const path = join(data, SOCKET)
  // A kill leaves it. Nobody else has the folder.
  await rm(path, { force: true })
  const from = relative(process.cwd(), path)
  try {
    await new Promise<void>((done, fail) =>
      server.once('error', fail).listen(from.length < path.length ? from : path, done),
    )
    await chmod(path, 0o600)
  } catch (error) {
    log.error('metrics are not served', error)
  }
  return async () => {
    counting.stop()
    await closeServer(server)
    await rm(path, { force: true })
  }
}

// ---------------------------------------------------------------------------------------------

/** Sums of what is counted, and the last of what is measured. */
const startCounting = () => {
  const sums = new Map<MetricName, number>()
  for (const [name, unit] of Object.entries(METRICS))
    if (unit === MetricUnit.Count) sums.set(name as MetricName, 0)
  const add = (message: unknown): void => {
    const { name, value } = message as Counted
    sums.set(name, METRICS[name] === MetricUnit.Count ? (sums.get(name) ?? 0) + value : value)
  }
  COUNTED.subscribe(add)
  return {
    values: () => Object.fromEntries([...sums].map(([name, value]) => [named(name), value])),
    stop: () => void COUNTED.unsubscribe(add),
  }
}

/** `LoginFailed` → `keyharbor_login_failed_total`, `CloseLag` → `keyharbor_close_lag_seconds`. */
const named = (name: MetricName): string => {
  const unit = METRICS[name] === MetricUnit.Count ? 'total' : METRICS[name].toLowerCase()
  return `keyharbor${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_${unit}`
}

/** By the names that Prometheus' own clients give them. */
const OF_PROCESS = () => {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return {
    process_cpu_seconds_total: (user + system) / 1e6,
    process_resident_memory_bytes: rss,
    process_start_time_seconds: Math.floor(Date.now() / 1000 - process.uptime()),
    nodejs_heap_size_used_bytes: heapUsed,
  }
}

const textOf = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(
      ([name, value]) =>
        `# TYPE ${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}\n${name} ${value}\n`,
    )
    .join('')
