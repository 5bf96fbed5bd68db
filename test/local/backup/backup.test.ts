/** A backup is the table at one moment, whoever writes to it; and where there can be none, nothing changes. */
import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { readArchive } from '../../../local/backup/archive.ts'
import { backUp } from '../../../local/backup/backup.ts'
import { holdWrites, listenForBackups } from '../../../local/backup/hold.ts'
import { copyTable } from '../../../local/backup/snapshot.ts'
import { connect } from '../../../local/client.ts'
import { createTrust } from '../../../local/credentials.ts'
import { startDynamo } from '../../../local/dynamo.ts'
import { ensureTable } from '../../../local/table.ts'
import { folder, signing, until } from '../kit.ts'
import { run } from '../process-kit.ts'

const TableName = 'keyharbor'
const silent = (): void => {}

const open = async (file: string) => {
  const trust = createTrust()
  const dynamo = await startDynamo({ trust, file })
  const client = new DynamoDBClient({ endpoint: dynamo.endpoint, ...signing(trust) })
  onTestFinished(async () => {
    client.destroy()
    await dynamo.close()
  })
  return { ...dynamo, client }
}

/** A folder whose table runs, is marked, and lets backups ask. */
const running = async () => {
  const data = await folder()
  const table = await open(join(data, 'dynamo.db'))
  await ensureTable(table.client, TableName)
  const mark = { pk: { S: 'SERVICE' }, sk: { S: 'INSTALLATION' }, format: { N: '1' } }
  await table.client.send(new PutItemCommand({ TableName, Item: { ...mark, id: { S: 'one' } } }))
  const close = await listenForBackups(data, table)
  onTestFinished(close)
  return { data, ...table }
}

/** Both items of a number say the same, once one of its changes is done. */
const put = (client: DynamoDBClient, n: number, value: number) =>
  client.send(
    new TransactWriteItemsCommand({
      TransactItems: ['a', 'b'].map((sk) => ({
        Put: {
          TableName,
          Item: { pk: { S: `p${n}` }, sk: { S: sk }, value: { N: String(value) } },
        },
      })),
    }),
  )

/** Writes until told to stop. @returns how often, so far. */
const writeOn = (client: DynamoDBClient) => {
  let isOver = false
  let written = 0
  const writers = [0, 1, 2, 3].map(async (n) => {
    for (let value = 0; !isOver; value++) {
      await put(client, n, value)
      written++
    }
  })
  return {
    written: () => written,
    async stop() {
      isOver = true
      await Promise.all(writers)
    },
  }
}

/** What each item of a backup says, by numbers. */
const unpacked = async (file: string): Promise<Record<string, (string | undefined)[]>> => {
  const to = await folder()
  execFileSync('tar', ['xf', file, '-C', to])
  const { client } = await open(join(to, 'dynamo.db'))
  const found: Record<string, (string | undefined)[]> = {}
  const { Items = [] } = await client.send(new ScanCommand({ TableName }))
  for (const { pk, value } of Items) {
    const name = pk?.S ?? ''
    if (name.startsWith('p')) found[name] = [...(found[name] ?? []), value?.N]
  }
  return found
}

const contents = async (path: string): Promise<string[]> => {
  const names = (await readdir(path)).filter((name) => !/-(wal|shm)$/.test(name)).sort()
  const each = async (name: string) =>
    `${name} ${(await stat(join(path, name))).isFile() ? await readFile(join(path, name), 'base64') : ''}`
  return Promise.all(names.map(each))
}

describe('a backup', () => {
  it.each([1, 2, 3])('beside transactions has each whole or not at all (%d)', async (round) => {
    const { data, client } = await running()
    const writing = writeOn(client)
    await until(() => writing.written() > round * 20)
    const file = join(await folder(), 'backup')
    const before = writing.written()
    await backUp(data, file, silent)
    await until(() => writing.written() > before)
    await writing.stop()
    const found = await unpacked(file)
    expect(Object.keys(found)).toHaveLength(4)
    for (const values of Object.values(found)) {
      expect(values).toHaveLength(2)
      expect(values[0]).toBe(values[1])
    }
  })

  it('is its owner’s alone, is of the installation, and has nothing but the table', async () => {
    const { data } = await running()
    await writeFile(join(data, 'kms.key'), 'not this')
    const to = await folder()
    const said = await backUp(data, join(to, 'backup'), silent)
    expect(said).toContain(join(data, 'kms.key'))
    expect(await readdir(to)).toEqual(['backup'])
    expect((await stat(join(to, 'backup'))).mode & 0o777).toBe(0o600)
    expect(await readArchive(join(to, 'backup'), silent)).toMatchObject({ id: 'one', format: 1 })
    expect(String(execFileSync('tar', ['tf', join(to, 'backup')]))).toBe(
      'installation.json\ndynamo.db\n',
    )
  })

  it('has what is in the log of a service that was killed', async () => {
    const { data, client } = await running()
    await put(client, 7, 1)
    const killed = await folder()
    for (const name of ['dynamo.db', 'dynamo.db-wal'])
      await copyFile(join(data, name), join(killed, name))
    await backUp(killed, join(killed, 'backup'), silent)
    expect(await unpacked(join(killed, 'backup'))).toEqual({ p7: ['1', '1'] })
  })

  it('is taken of a table that changes all the time, while writes are held', async () => {
    const { data, client } = await running()
    const from = join(data, 'dynamo.db')
    let isHeld = false
    let late: Promise<unknown> = Promise.resolve()
    const hold = async () => {
      const release = await holdWrites(data)
      isHeld = true
      // Comes in only behind the copy, and reads pass meanwhile.
      late = put(client, 1, 2)
      await client.send(new ScanCommand({ TableName }))
      return release
    }
    await put(client, 1, 1)
    const to = join(await folder(), 'dynamo.db')
    await copyTable(from, to, hold, async (source, target, mode) => {
      await copyFile(source, target, mode)
      // As a checkpoint does.
      if (!isHeld) await touch(from)
    })
    await late
    const copy = await open(to)
    const { Items = [] } = await copy.client.send(new ScanCommand({ TableName }))
    expect(Items.filter(({ pk }) => pk?.S === 'p1').map(({ value }) => value?.N)).toEqual([
      '1',
      '1',
    ])
    expect(isHeld).toBe(true)
  })

  it('is none of a table that changes at each try', async () => {
    const { data } = await running()
    const from = join(data, 'dynamo.db')
    const to = join(await folder(), 'dynamo.db')
    const copy = async (...all: Parameters<typeof copyFile>) => {
      await copyFile(...all)
      await touch(from)
    }
    await expect(copyTable(from, to, async () => silent, copy)).rejects.toThrow(
      'changes faster than it can be copied',
    )
  })
})

describe('a file that is no longer as it was written', () => {
  const made = async (): Promise<string> => {
    const { data } = await running()
    const file = join(await folder(), 'backup')
    await backUp(data, file, silent)
    return file
  }

  it('is known, wherever it was changed or cut', async () => {
    const file = await made()
    const whole = await readFile(file)
    const places = [0, 130, 520, 700, 1030, 1160, 1536, 5000, whole.length - 1500]
    for (const at of [...places, whole.length - 1]) {
      const bytes = Buffer.from(whole)
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
      await writeFile(file, bytes)
      await expect(readArchive(file, silent), `byte ${at}`).rejects.toThrow(
        /is no backup, or its beginning is damaged|is cut or damaged/,
      )
    }
    for (const length of [0, 100, 1536, 1600, whole.length - 1]) {
      await writeFile(file, whole.subarray(0, length))
      await expect(readArchive(file, silent), `${length} bytes`).rejects.toThrow('damaged')
    }
    await writeFile(file, Buffer.concat([whole, Buffer.alloc(512)]))
    await expect(readArchive(file, silent)).rejects.toThrow('is cut or damaged')
    await writeFile(file, whole)
    expect(await readArchive(file, silent)).toMatchObject({ id: 'one' })
  })
})

describe('there is no backup, and nothing changes, where', () => {
  const refused = async (data: string, file: string, folders: string[]): Promise<string> => {
    const before = await Promise.all(folders.map(contents))
    const error = await backUp(data, file, silent).catch((reason: unknown) => reason)
    expect(await Promise.all(folders.map(contents))).toEqual(before)
    if (!(error instanceof Error)) return expect.fail('it was made')
    expect(error.name).toBe('UserError')
    expect(error.message).toMatch(/^[^\n]+$/)
    return error.message
  }

  it('the file is there already', async () => {
    const { data } = await running()
    const to = await folder()
    await writeFile(join(to, 'backup'), 'of yesterday')
    expect(await refused(data, join(to, 'backup'), [data, to])).toContain('is there already')
  })

  it('the file’s folder is none', async () => {
    const { data } = await running()
    expect(await refused(data, join(data, 'none', 'backup'), [data])).toContain("can't be written")
  })

  it('there is no table', async () => {
    const data = await folder()
    expect(await refused(data, join(data, 'backup'), [data])).toContain('dynamo.db is missing')
    expect(await refused(join(data, 'none'), join(data, 'backup'), [data])).toContain('is missing')
  })

  it('the table is elsewhere', async () => {
    const data = await folder()
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'http://127.0.0.1:1')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await refused(data, join(data, 'backup'), [data])).toContain('The table is elsewhere')
  })

  it('the table is damaged', async () => {
    const [data, to] = [await folder(), await folder()]
    await writeFile(join(data, 'dynamo.db'), 'SQLite format 3\0, and nothing of the kind behind it')
    expect(await refused(data, join(to, 'backup'), [data, to])).toContain('did not start')
  })
})

it('is a command, beside the service that runs', async () => {
  const [data, to] = [await folder(), await folder()]
  const service = run(data)
  await service.up()
  const file = join(to, 'backup')
  const first = run(data, {}, ['backup', file])
  expect(await first.code).toBe(0)
  expect(first.said).toEqual({
    out: expect.stringMatching(/^The table is in \S+backup, as it was at .*keep a copy of that/),
    err: '',
  })
  const { id } = JSON.parse(await readFile(join(data, 'installation.json'), 'utf8'))
  expect((await readArchive(file, silent)).id).toBe(id)
  const second = run(data, {}, ['backup', file])
  expect(await second.code).toBe(1)
  expect(second.said).toEqual({ out: '', err: expect.stringMatching(/^[^\n]+already[^\n]+\n$/) })
  service.child.kill('SIGINT')
  expect(await service.code).toBe(0)
  expect(await readdir(data)).not.toContain('backup.sock')

  // By hand: the key that was copied once, and what is in the file.
  const anew = await folder()
  await mkdir(anew, { recursive: true })
  await copyFile(join(data, 'kms.key'), join(anew, 'kms.key'))
  execFileSync('tar', ['xf', file, '-C', anew])
  const restored = run(anew)
  await restored.up()
  const { apiKey } = JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
  const { wss, ca } = JSON.parse(await readFile(join(anew, 'bootstrap.json'), 'utf8'))
  const rpc = await connect(wss, { ca: await readFile(ca, 'utf8') })
  expect(await rpc.call('auth.login_with_api_key', apiKey)).toBe(true)
  rpc.close()
  restored.child.kill('SIGINT')
  expect(await restored.code).toBe(0)
})

// ---------------------------------------------------------------------------------------------

/** Changes a file's time to one that it never had. */
const touch = async (file: string): Promise<void> => {
  const { mtime } = await stat(file)
  await utimes(file, mtime, new Date(mtime.getTime() - 1000))
}
