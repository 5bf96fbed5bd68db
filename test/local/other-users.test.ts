/** Other users of the machine: they reach every port on loopback, and read what isn't closed to them. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startCloud } from '../../local/cloud.ts'
import { createTrust } from '../../local/credentials.ts'
import { startDynamo } from '../../local/dynamo.ts'
import { lockFolder } from '../../local/lock.ts'
import { exposure, findNamespace } from '../../local/namespace.ts'
import { onFreePorts } from '../../tools/programs/service.ts'
import { optionsIn, recorder } from './cloud-kit.ts'
import {
  canIntrude,
  entersNetworkOf,
  familyOf,
  intrude,
  listenersOf,
  reachable,
  readable,
} from './intruder-kit.ts'
import { folder, signing, until } from './kit.ts'
import { run } from './process-kit.ts'

const PERSON = 65_533

/** What everybody can look into, like a folder of a person's in one of all. */
const openFolder = async (): Promise<string> => {
  const above = await folder()
  await chmod(above, 0o755)
  const path = join(above, 'data')
  await mkdir(path)
  chmodSync(path, 0o755)
  await writeFile(join(above, 'of-all'), 'x', { mode: 0o644 })
  return path
}

const title = `another user of the machine${canIntrude ? '' : ' (skipped: only root can act as one)'}`
describe.runIf(canIntrude)(title, () => {
  it('neither reads nor writes anything by what the service opened', async () => {
    const data = await openFolder()
    // The person's shell lets all files be everybody's.
    const before = process.umask(0)
    const { child, said, up } = run(data)
    process.umask(before)
    await up()
    expect(said.err).toBe('')
    const pids = familyOf(child.pid ?? 0)
    const { shared, apart, unix } = listenersOf(pids)
    // https, http, the internal one and the door; dynoxide is apart.
    expect([shared.length, apart.length]).toEqual([4, 1])
    const sockets = ['backup.sock', 'metrics.sock'].map((name) => join(data, name))
    expect(unix.sort()).toEqual(sockets)
    expect(await intrude(shared)).toEqual([])
    for (const { pid } of apart) expect(await entersNetworkOf(pid)).toBe(false)
    const above = dirname(data)
    const environments = pids.map((pid) => `/proc/${pid}/environ`)
    expect(await readable([above, ...environments])).toEqual([join(above, 'of-all')])
    // Nor when the folder is opened again: each file is the owner's alone.
    chmodSync(data, 0o755)
    expect(await readable([data])).toEqual([])
    expect(await reachable(sockets)).toEqual([])
    expect((await stat(join(data, 'dynamo.db-wal'))).mode & 0o777).toBe(0o600)
    const command = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8')))
    expect(command.join(' ')).not.toMatch(/secret|AKIA|ASIA|[0-9a-f]{32}/i)
  })

  it('gets no further with a person who is not root', async () => {
    const above = await folder()
    await chmod(above, 0o777)
    const { child, said, up } = run(join(above, 'data'), { TSX_DISABLE_CACHE: '1' }, [], PERSON)
    await up()
    expect(said.err).toBe('')
    const pids = familyOf(child.pid ?? 0)
    const { shared, apart } = listenersOf(pids)
    expect([shared.length, apart.length]).toEqual([4, 1])
    expect(await intrude(shared)).toEqual([])
    for (const { pid } of apart) expect(await entersNetworkOf(pid)).toBe(false)
    expect(await readable([above, ...pids.map((pid) => `/proc/${pid}/environ`)])).toEqual([])
    child.kill('SIGINT')
    await until(() => pids.every((pid) => familyOf(pid).length === 0))
  })

  it('gets in with the secret of this start, so nothing else keeps others out', async () => {
    const trust = createTrust()
    const dynamo = await startDynamo({ trust })
    onTestFinished(() => dynamo.close())
    const { hostname: host, port } = new URL(dynamo.endpoint)
    const door = [{ host, port: Number(port), pid: 0 }]
    const { accessKeyId, secretAccessKey } = signing(trust).credentials
    expect(await intrude(door, [{ accessKeyId, secretAccessKey }])).toEqual([
      {
        what: `DynamoDB_20120810.ListTables, as ${accessKeyId} at ${host}:${port}`,
        answer: '200 {"TableNames":[]}',
      },
    ])
    expect(await intrude(door, [{ accessKeyId, secretAccessKey: `${secretAccessKey}x` }])).toEqual(
      [],
    )
  })

  it('is not let in by credentials that the person uses elsewhere', async () => {
    const key = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
    // DynamoDB is somebody else's here, which takes just these.
    const elsewhere = await startDynamo({ trust: { ...createTrust(key), path: '' } })
    onTestFinished(() => elsewhere.close())
    const { said, child, up } = run(await folder(), {
      ...key,
      AWS_ENDPOINT_URL_DYNAMODB: elsewhere.endpoint,
    })
    await up()
    expect(said.err).toBe('')
    const { shared } = listenersOf(familyOf(child.pid ?? 0))
    // https, http and the internal one, with KMS and @connections.
    expect(shared).toHaveLength(3)
    expect(await intrude(shared)).toEqual([])
  })

  it('is not let in by credentials that happen to be set', async () => {
    const key = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
    const { child, up } = run(await folder(), key)
    await up()
    expect(await intrude(listenersOf(familyOf(child.pid ?? 0)).shared)).toEqual([])
  })

  it('is administrator where no network can be had, as the start says', async () => {
    const before = new Set(familyOf(process.pid))
    const { load } = recorder()
    const cloud = await startCloud(optionsIn(await folder()), { load, namespace: null })
    onTestFinished(() => cloud.close())
    expect(cloud.warning).toMatch(/^every user of this machine is administrator of this service/)
    const started = familyOf(process.pid).filter((pid) => !before.has(pid))
    const found = await intrude(listenersOf(started).shared)
    expect(found.map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^DynamoDB_20120810.PutItem, as test at 127/),
    )
  })
})

describe('a machine without namespaces', () => {
  /** No `unshare` is found there. */
  const bare = { PATH: '/nonexistent' }

  it('is warned of in one line', async () => {
    const { said, up } = run(await folder(), bare)
    await up()
    // It comes behind the banner, by another pipe.
    await until(() => said.err.endsWith('\n'))
    expect(said.err).toMatch(
      /^Beware: every user of this machine is administrator of this service, [^\n]+ AWS_ENDPOINT_URL_DYNAMODB [^\n]+\n$/,
    )
  })

  it('serves itself alone', async () => {
    const { said, code } = run(await folder(), { ...bare, HOST: '0.0.0.0' })
    expect(await code).toBe(1)
    expect(said.out).toBe('')
    expect(said.err).toMatch(/^HOST is 0\.0\.0\.0, but only loopback will do: every user [^\n]+\n$/)
    for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost'])
      expect(exposure(host)).toMatch(/^every user/)
    for (const host of ['::', '192.0.2.1', '127.0.0.1.example', 'nas'])
      expect(() => exposure(host)).toThrow(`HOST is ${host}, but only loopback`)
  })

  it('is not asked about where DynamoDB is elsewhere', async () => {
    const { said, code } = run(await folder(), {
      ...bare,
      HOST: '0.0.0.0',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
    })
    expect(await code).toBe(1)
    expect(said.err).toMatch(/^DynamoDB at http:\/\/127\.0\.0\.1:1 can't be used/)
  })

  it.runIf(process.platform === 'linux')('is what a program is that changes nothing', async () => {
    const ran: string[] = []
    const found = await findNamespace(async (command, args) => {
      ran.push([command, ...args].join(' '))
      // As a broken unshare would: it runs the command where it is.
      return `${await readFile('/proc/self/comm', 'utf8')}`
    })
    expect(found).toBe(null)
    expect(ran).toHaveLength(2)
  })
})

it('cannot put code in the way of npm start, by a cache in the temporary folder', async () => {
  const temporary = await folder()
  const data = await folder()
  const child = spawn('npm', ['start', '--silent'], {
    cwd: join(import.meta.dirname, '../..'),
    env: {
      ...process.env,
      ...onFreePorts(data),
      TMPDIR: temporary,
    },
    stdio: 'ignore',
  })
  onTestFinished(() => void child.kill('SIGTERM'))
  const gone = new Promise((done) => child.once('exit', done))
  await until(() => existsSync(join(data, 'bootstrap.json')))
  expect(await readdir(temporary)).toEqual([])
  child.kill('SIGTERM')
  await gone
})

describe('a data folder', () => {
  it('that was there before is closed to others', async () => {
    const path = await openFolder()
    await (await lockFolder(path))()
    expect((await stat(path)).mode & 0o777).toBe(0o700)
  })

  it('in which others write is refused, and left as it is', async () => {
    const path = await openFolder()
    await chmod(path, 0o1777)
    await expect(lockFolder(path)).rejects.toThrow(
      `Other users may write to the data folder ${path}: set KEYHARBOR_DATA to a folder of your own`,
    )
    expect((await stat(path)).mode & 0o7777).toBe(0o1777)
  })
})
