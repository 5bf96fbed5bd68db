/** Starts that fail: one sentence that says what to do, and nothing left behind. */
import { randomBytes } from 'node:crypto'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Started } from '../../local/bootstrap.ts'
import { type Cloud, startCloud } from '../../local/cloud.ts'
import { listen } from '../../local/listen.ts'
import { parseEnv } from '../../shared/env.ts'
import { createSweeping } from '../../shared/service.ts'
import { optionsIn, recorder } from './cloud-kit.ts'
import { folder } from './kit.ts'

describe('a start that fails', () => {
  const failing = async (options: Parameters<typeof startCloud>[0]): Promise<Error> => {
    const before = { ...process.env }
    const error = await startCloud(options, { load: recorder().load }).then(
      (cloud: Cloud) => cloud.close().then(() => new Error('did not fail')),
      (reason: Error) => reason,
    )
    expect({ ...process.env }).toEqual(before)
    const left = await readdir(options.data)
    expect(left.filter((name) => name.startsWith('lock'))).toEqual([])
    return error
  }

  it('says which variable to change when a port is in use', async () => {
    const taken = createServer()
    const port = await listen(taken, 0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    const options = optionsIn(await folder())
    for (const [name, variable] of [
      ['port', 'PORT'],
      ['httpPort', 'HTTP_PORT'],
    ] as const) {
      const error = await failing({ ...options, [name]: port })
      expect(error.name).toBe('UserError')
      expect(error.message).toBe(
        `Port ${port} of 127.0.0.1 is in use: stop what listens there, or set ${variable} to another port (0: any free one)`,
      )
    }
  })

  it('says so when HOST is no address of this machine', async () => {
    const error = await failing({ ...optionsIn(await folder()), host: '192.0.2.1' })
    expect(error.message).toMatch(/^192\.0\.2\.1 is no address of this machine: set HOST/)
  })

  it('stops what it started when the bootstrap fails', async () => {
    const { load } = recorder()
    const data = await folder()
    let url = ''
    const broken = async ({ urls }: Started): Promise<void> => {
      url = urls.http
      throw new Error('no tenant')
    }
    const starting = startCloud(optionsIn(data), {
      load: async () => ({ ...(await load()), bootstrap: broken }),
    })
    await expect(starting).rejects.toThrow('no tenant')
    await expect(fetch(url)).rejects.toThrow()
    expect((await readdir(data)).filter((name) => name.startsWith('lock'))).toEqual([])
  })

  it('does not make a new key for an old table', async () => {
    const options = { ...optionsIn(await folder()), memory: false }
    const cloud = await startCloud(options, { load: recorder().load })
    await cloud.close()
    await rm(join(options.data, 'kms.key'))
    expect((await failing(options)).message).toMatch(/kms\.key is missing/)
  })

  it('does not open an old table with another key', async () => {
    const options = { ...optionsIn(await folder()), memory: false }
    const cloud = await startCloud(options, { load: recorder().load })
    const { vault, tenants } = createSweeping({ env: parseEnv(process.env) })
    await tenants.addServiceKey(await vault.newKey('service', 1))
    await cloud.close()
    await writeFile(join(options.data, 'kms.key'), randomBytes(32))
    const error = await failing(options)
    expect(error.name).toBe('UserError')
    expect(error.message).toMatch(
      /kms\.key is not the key that the table's secrets open with: put /,
    )
  })

  it('is one line when a variable of the functions is wrong', async () => {
    process.env.KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE = 'many'
    onTestFinished(() => {
      delete process.env.KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE
    })
    const error = await failing(optionsIn(await folder()))
    expect(error.message).toMatch(/^KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE [^\n]+$/)
  })
})
