/** `npm start -- --bundled` as a person meets it. What it answers is for the e2e tests; this is about its
 * processes, and that none is left behind. */
import { execFileSync } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readAssembly } from '../../local/assembly/assembly.ts'
import { readDeployment } from '../../local/assembly/deployment.ts'
import type { Bootstrap } from '../../local/bootstrap.ts'
import { connect, http } from '../../local/client.ts'
import { canIntrude, familyOf, intrude, listenersOf, reachable, readable } from './intruder-kit.ts'
import { folder, until } from './kit.ts'
import { run } from './process-kit.ts'
import { LAMBDA } from './runtime/kit.ts'

/** Processes of functions, by the program that they run. */
const functionsOf = (pid: number | undefined): number[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, , parent, args]) => Number(parent) === pid && args?.includes('bootstrap.mjs'))
    .map(([, child]) => Number(child))

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** What a process was started with; Linux says. */
const startedWith = async (pid: number): Promise<Record<string, string>> => {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
  const pairs = text.split('\0').filter((pair) => pair !== '')
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)))
}

/** Variables that a function's process has otherwise than its template says. */
const differing = async (assembly: string, pid: number): Promise<string[]> => {
  const env = await startedWith(pid)
  const { AWS_REGION: region = '', KEYHARBOR_KMS_KEY: kmsKey = '' } = env
  const { functions } = readDeployment(await readAssembly(assembly), {
    region,
    table: 'keyharbor',
    kmsKey,
  })
  const name = env.AWS_LAMBDA_FUNCTION_NAME
  const plan = Object.values(functions).find((one) => one.functionName === name)
  if (plan === undefined) return [`no function ${name}`]
  const { environment } = plan
  return [...new Set([...Object.keys(env), ...Object.keys(environment)])].filter(
    (variable) => !LAMBDA.test(variable) && env[variable] !== environment[variable],
  )
}

it('serves from the template’s environment, and leaves no process behind, stopped or killed', async () => {
  const data = await folder()
  const bootstrapOf = async (): Promise<Bootstrap> =>
    JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))

  const first = run(data, {}, ['--bundled'])
  await first.up()
  expect(first.said.out).toMatch(/^Building the bundles …\n/)
  expect(first.said.out).toMatch(/bundles, under Node\.js \d+\.\d+\.\d+/)
  expect(first.said.err).toBe('')
  const before = await bootstrapOf()
  const ca = await readFile(before.ca, 'utf8')
  const rpc = await connect(before.wss, { ca })
  expect(await rpc.call('auth.login_with_api_key', before.apiKey)).toBe(true)
  // Socket, Http, Close, Tell and Sweep at the least; each is a process of its own.
  const functions = await until(() => {
    const found = functionsOf(first.child.pid)
    return found.length >= 4 && found
  })
  if (process.platform === 'linux') {
    const found = functions.map((pid) => differing(join(data, 'bundles'), pid))
    expect([...new Set((await Promise.all(found)).flat())].sort()).toEqual([
      'AWS_ENDPOINT_URL_DYNAMODB',
      'AWS_ENDPOINT_URL_KMS',
      'KEYHARBOR_CONNECTIONS_URL',
      'KEYHARBOR_OPERATOR_JWKS_URL',
    ])
  }
  if (canIntrude) {
    const pids = familyOf(first.child.pid ?? 0)
    const { shared, apart, unix } = listenersOf(pids)
    // https, http, the internal one, the door and Lambda's Runtime API.
    expect([shared.length, apart.length]).toEqual([5, 1])
    expect(unix.sort()).toEqual(['backup.sock', 'metrics.sock'].map((name) => join(data, name)))
    expect(await reachable(unix)).toEqual([])
    expect(await intrude(shared)).toEqual([])
    // Bundles are code that we run: nobody else may write there, whatever the umask was.
    expect((await stat(join(data, 'bundles'))).mode & 0o077).toBe(0)
    expect(await readable([data, ...pids.map((pid) => `/proc/${pid}/environ`)])).toEqual([])
  }
  first.child.kill('SIGKILL')
  await first.code
  await until(() => !functions.some(isAlive))

  // The same bundles once more: it is the same certificate.
  const again = {
    KEYHARBOR_ASSEMBLY: join(data, 'bundles'),
    KEYHARBOR_RECORD: join(data, 'record'),
  }
  const second = run(data, again, ['--bundled'])
  await second.up()
  const { https, apiKey, device } = await bootstrapOf()
  expect(apiKey).toBe(before.apiKey)
  const url = `${https}/oauth2/introspect`
  const reply = await http(url, {
    ca,
    method: 'POST',
    bearer: device.apiKey,
    form: { token: apiKey },
  })
  expect(reply.json()).toMatchObject({ active: true })
  const others = functionsOf(second.child.pid)
  second.child.kill('SIGINT')
  expect(await second.code).toBe(0)
  expect(others.filter(isAlive)).toEqual([])
  expect(second.said.err).toBe('')
  expect(await readFile(join(data, 'record'), 'utf8')).not.toContain(apiKey.split('-')[1])
})
