/** The DynamoDB process: what is acknowledged is kept, whichever process is killed, and it never outlives us. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTrust, type Trust } from '../../local/credentials.ts'
import { startDynamo } from '../../local/dynamo.ts'
import { listen } from '../../local/listen.ts'
import { ensureTable } from '../../local/table.ts'
import { folder, hushed, signing, until } from './kit.ts'

const TableName = 'keyharbor'

const clientOf = (endpoint: string, as: Trust) => {
  const client = new DynamoDBClient({ endpoint, ...signing(as), maxAttempts: 1 })
  onTestFinished(() => client.destroy())
  return client
}

type Options = Partial<Parameters<typeof startDynamo>[0]>

const start = async (file?: string, options: Options = {}) => {
  const trust = createTrust()
  const dynamo = await startDynamo({ trust, ...(file !== undefined && { file }), ...options })
  onTestFinished(() => dynamo.close())
  return { ...dynamo, client: clientOf(dynamo.endpoint, options.trust ?? trust) }
}

const item = (n: number) => ({ pk: { S: 'p' }, sk: { S: String(n) } })
const has = async (client: DynamoDBClient, n: number): Promise<boolean> =>
  (await client.send(new GetItemCommand({ TableName, Key: item(n) }))).Item !== undefined

const isAlive = (pid: number): boolean => {
  try {
    // A zombie, which a container without an init keeps, is dead enough.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe('the table', () => {
  it('has index, stream and TTL, and is left alone the next time', async () => {
    const { client } = await start()
    await ensureTable(client, TableName)
    await client.send(new PutItemCommand({ TableName, Item: item(1) }))
    await ensureTable(client, TableName)
    const { Table } = await client.send(new DescribeTableCommand({ TableName }))
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(['expiry'])
    expect(Table?.StreamSpecification?.StreamViewType).toBe('NEW_AND_OLD_IMAGES')
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName }))
    expect(ttl.TimeToLiveDescription?.AttributeName).toBe('ttl')
    expect(await has(client, 1)).toBe(true)
  })
})

describe('a file', () => {
  it('keeps its items over a clean stop', async () => {
    const file = join(await folder(), 'dynamo.db')
    const first = await start(file)
    await ensureTable(first.client, TableName)
    await first.client.send(new PutItemCommand({ TableName, Item: item(1) }))
    await first.close()
    const second = await start(file)
    expect(await has(second.client, 1)).toBe(true)
  })

  it('loses nothing acknowledged when the process is killed, which is started again', async () => {
    const lines = hushed()
    const { client, pid } = await start(join(await folder(), 'dynamo.db'))
    await ensureTable(client, TableName)
    const killed = pid() ?? 0
    let acknowledged = 0
    const write = async (): Promise<void> => {
      while (pid() === killed) {
        await client.send(new PutItemCommand({ TableName, Item: item(acknowledged) }))
        acknowledged++
        if (acknowledged === 50) process.kill(killed, 'SIGKILL')
      }
    }
    // The request that was under way fails; where none was, nobody notices.
    await write().catch(() => {})
    await until(() => has(client, 0).catch(() => false))
    await until(() => pid() !== killed)
    expect(acknowledged).toBeGreaterThanOrEqual(50)
    for (let n = 0; n < acknowledged; n++) expect(await has(client, n)).toBe(true)
    expect(lines.map((line) => JSON.parse(line).message)).toEqual([
      'the DynamoDB process died, and is started again',
    ])
  })
})

const EMPTY = join(import.meta.dirname, '../../local/dynamo-empty.db')

/** The command is nowhere needed but here, and where the file is made. */
const sqlite = (file: string, sql: string): string =>
  execFileSync('sqlite3', [file, sql], { encoding: 'utf8' }).trim()
const hasSqlite = ((): boolean => {
  try {
    return sqlite(':memory:', 'select 1') === '1'
  } catch {
    return false
  }
})()

describe('the file that dynoxide begins with', () => {
  it('is made of its SQL', () => {
    const made = readFileSync(EMPTY, 'latin1')
    const sql = readFileSync(EMPTY.replace(/db$/, 'sql'), 'latin1').replace(/^--.*\n/gm, '')
    const statements = sql
      .trim()
      .split(/;\n\n|;$/)
      .filter(Boolean)
    expect(statements).toHaveLength(3)
    for (const statement of statements)
      expect(made, 'make the file anew, as local/dynamo-empty.sql says').toContain(statement)
    expect(made.match(/CREATE /g)).toHaveLength(3)
  })

  it.skipIf(!hasSqlite)('stays whole, and finds the next number by its index', async () => {
    const file = join(await folder(), 'dynamo.db')
    const { client, close } = await start(file)
    await ensureTable(client, TableName)
    for (const n of [1, 2]) await client.send(new PutItemCommand({ TableName, Item: item(n) }))
    await close()
    expect(sqlite(file, 'pragma integrity_check')).toBe('ok')
    expect(sqlite(file, 'SELECT sequence_number FROM _stream_records')).toBe('1\n2')
    const next =
      "SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = 'x'"
    expect(sqlite(file, `explain query plan ${next}`)).toMatch('USING INDEX _stream_order')
  })

  it.skipIf(!hasSqlite)('keeps a day of the stream', async () => {
    const file = join(await folder(), 'dynamo.db')
    await copyFile(EMPTY, file)
    const add = (from: number, to: number, at: number): string =>
      sqlite(
        file,
        `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
         INSERT INTO _stream_records SELECT i, 't', 'INSERT', '{}', NULL, NULL, i, 's', ${at}, NULL FROM n`,
      )
    add(1, 300, 1000)
    add(301, 499, 1000 + 86_400)
    add(500, 500, 1001 + 86_400)
    expect(sqlite(file, 'SELECT MIN(id), COUNT(*) FROM _stream_records')).toBe('301|200')
  })
})

describe('the process', () => {
  /** A process of its own that starts a DynamoDB, says where, and waits. */
  const parent = async (): Promise<{ child: ChildProcess; dynamo: number }> => {
    const script = `
      import { startDynamo } from ${JSON.stringify(join(import.meta.dirname, '../../local/dynamo.ts'))}
      const dynamo = await startDynamo({ trust: ${JSON.stringify(createTrust())} })
      process.stdout.write(dynamo.pid() + '\\n')
      setInterval(() => {}, 1000)`
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    onTestFinished(() => void child.kill('SIGKILL'))
    const said = await new Promise<string>((tell) =>
      child.stdout?.once('data', (data) => tell(String(data))),
    )
    return { child, dynamo: Number(said) }
  }

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'dies with its parent of %s',
    async (signal) => {
      const { child, dynamo } = await parent()
      expect(isAlive(dynamo)).toBe(true)
      child.kill(signal)
      await until(() => !isAlive(dynamo))
    },
  )

  it.runIf(process.platform === 'linux')(
    'dies with its door, whose port nobody else gets',
    async () => {
      let lose: (reason: string) => void = () => {}
      const lost = new Promise<string>((done) => {
        lose = done
      })
      const { endpoint, pid } = await start(undefined, { onLost: lose })
      const dynamo = pid()
      const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${dynamo}/status`, 'utf8'))?.[1]
      process.kill(Number(parent), 'SIGKILL')
      expect(await lost).toBe('the door of DynamoDB died')
      await until(() => !isAlive(dynamo))
      await expect(
        listen(createServer(), Number(new URL(endpoint).port), '127.0.0.1'),
      ).rejects.toThrow('in use')
    },
  )

  it('keeps its address where it shares the network, and is closed all the same', async () => {
    const { client, pid, close } = await start(undefined, { namespace: null })
    await ensureTable(client, TableName)
    expect(await has(client, 1)).toBe(false)
    await close()
    expect(isAlive(pid())).toBe(false)
  })

  it('is found at an address that nobody can guess, where the secret can be', async () => {
    const own = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
    const trust = createTrust(own)
    const { endpoint } = await startDynamo({ trust }).then((dynamo) => {
      onTestFinished(() => dynamo.close())
      return dynamo
    })
    const asked = async (url: string): Promise<boolean> => {
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
      const client = new DynamoDBClient({ endpoint: url, region: 'x', credentials, maxAttempts: 1 })
      onTestFinished(() => client.destroy())
      return client.send(new ListTablesCommand({})).then(
        () => true,
        () => false,
      )
    }
    expect(await asked(endpoint)).toBe(true)
    expect(await asked(new URL(endpoint).origin)).toBe(false)
  })

  it('is gone when close returns', async () => {
    const { close, pid } = await start()
    await close()
    expect(isAlive(pid() ?? 0)).toBe(false)
  })
})
