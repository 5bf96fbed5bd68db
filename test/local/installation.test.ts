/** Folder and table: a start goes on only where they belong together, are whole, and of a format that it knows. */
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeleteItemCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { startCloud } from '../../local/cloud.ts'
import { openInstallation } from '../../local/installation.ts'
import { FORMAT } from '../../shared/store/installation.ts'
import { optionsIn, recorder } from './cloud-kit.ts'
import { folder, until } from './kit.ts'

const optionsOf = (data: string, over: object = {}) => ({
  ...optionsIn(data),
  memory: false,
  ...over,
})

/** Starts and stops. @returns what the person is told; what it was refused with, if it was. */
const startOnce = async (data: string, over: object = {}, act = async () => {}) => {
  try {
    const cloud = await startCloud(optionsOf(data, over), recorder())
    await act()
    await cloud.close()
    return { notes: cloud.notes, refused: null }
  } catch (error) {
    const isUsers = error instanceof Error && error.name === 'UserError'
    if (!isUsers) throw error
    expect(error.message).toMatch(/^[^\n]+$/)
    return { notes: [], refused: error.message }
  }
}

/** A folder that was used and left. */
const used = async (): Promise<string> => {
  const data = await folder()
  await startOnce(data)
  return data
}

const contents = async (data: string): Promise<Record<string, string>> => {
  const files = (await readdir(data, { withFileTypes: true })).filter((entry) => entry.isFile())
  const read = async ({ name }: { name: string }) =>
    [name, await readFile(join(data, name), 'base64')] as const
  return Object.fromEntries(await Promise.all(files.map(read)))
}

const markOf = async (data: string) =>
  JSON.parse(await readFile(join(data, 'installation.json'), 'utf8'))

/** What the table says of itself is changed while the service runs. */
const inTable = (name: 'id' | 'format', value: string | number) => async () => {
  const client = new DynamoDBClient({})
  await client.send(
    new UpdateItemCommand({
      TableName: 'keyharbor',
      Key: { pk: { S: 'SERVICE' }, sk: { S: 'INSTALLATION' } },
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: {
        ':value': typeof value === 'number' ? { N: String(value) } : { S: value },
      },
    }),
  )
  client.destroy()
}

describe('a start', () => {
  it('marks folder and table, and the next one finds them so', async () => {
    const data = await used()
    const first = await markOf(data)
    expect(first).toMatchObject({ format: FORMAT, left: { bytes: expect.any(Number) } })
    expect(await startOnce(data)).toEqual({ notes: [], refused: null })
    expect(await markOf(data)).toMatchObject({ id: first.id, format: FORMAT })
  })

  it('says nothing of the table while it may change', async () => {
    const data = await used()
    await startOnce(data, {}, async () => expect(await markOf(data)).not.toHaveProperty('left'))
  })

  it('takes over a folder from before there were marks', async () => {
    const data = await used()
    const fresh = await folder()
    // As that version left it: a table without a mark.
    const { id } = await markOf(data)
    await startOnce(data, {}, async () => {
      const client = new DynamoDBClient({})
      const Key = { pk: { S: 'SERVICE' }, sk: { S: 'INSTALLATION' } }
      await client.send(new DeleteItemCommand({ TableName: 'keyharbor', Key }))
      client.destroy()
    })
    await rm(join(data, 'installation.json'))
    await writeFile(join(data, 'bootstrap.json'), '{}')
    await cp(data, fresh, { recursive: true })
    expect(await startOnce(fresh)).toEqual({ notes: [], refused: null })
    expect((await markOf(fresh)).id).not.toBe(id)
    expect(await startOnce(fresh)).toEqual({ notes: [], refused: null })
  })

  it('writes a lost mark again', async () => {
    const data = await used()
    const { id } = await markOf(data)
    await rm(join(data, 'installation.json'))
    const { notes } = await startOnce(data)
    expect(notes).toEqual([expect.stringContaining('installation.json was missing')])
    expect((await markOf(data)).id).toBe(id)
  })
})

describe('a start is refused, and nothing changes, where', () => {
  const refused = async (data: string, over: object = {}): Promise<string> => {
    const before = await contents(data)
    const { refused } = await startOnce(data, over)
    expect(await contents(data)).toEqual(before)
    return refused ?? expect.fail('it started')
  }

  it('the table is missing', async () => {
    const data = await used()
    await rm(join(data, 'dynamo.db'))
    expect(await refused(data)).toMatch(/dynamo\.db is missing, .* --new/)
  })

  it('the table is missing beside what an earlier version left', async () => {
    const data = await used()
    for (const name of ['dynamo.db', 'installation.json']) await rm(join(data, name))
    await writeFile(join(data, 'bootstrap.json'), '{}')
    expect(await refused(data)).toMatch(/dynamo\.db is missing/)
  })

  it('the table is empty', async () => {
    const data = await used()
    await writeFile(join(data, 'dynamo.db'), '')
    expect(await refused(data)).toMatch(/dynamo\.db is emptied or damaged/)
  })

  it('a byte of the table is another', async () => {
    const data = await used()
    const file = join(data, 'dynamo.db')
    const bytes = await readFile(file)
    bytes.writeUInt8((bytes.at(-100) ?? 0) ^ 1, bytes.length - 100)
    await writeFile(file, bytes)
    expect(await refused(data)).toMatch(/isn't as the last stop left it/)
  })

  it('the file has no such table', async () => {
    const data = await used()
    process.env.KEYHARBOR_TABLE = 'other'
    try {
      expect(await refused(data)).toMatch(/dynamo\.db has no table other/)
    } finally {
      delete process.env.KEYHARBOR_TABLE
    }
  })

  it('the table is of another installation', async () => {
    const data = await folder()
    await startOnce(data, {}, inTable('id', 'another'))
    expect(await refused(data)).toMatch(/is of another installation than .*installation\.json/)
  })

  it('the table is of a later format', async () => {
    const data = await folder()
    await startOnce(data, {}, inTable('format', FORMAT + 1))
    expect(await refused(data)).toMatch(/dynamo\.db was made by a newer Keyharbor \(format 2/)
  })

  it('the folder is of a later format', async () => {
    const data = await used()
    const mark = { ...(await markOf(data)), format: FORMAT + 1 }
    await writeFile(join(data, 'installation.json'), JSON.stringify(mark))
    expect(await refused(data)).toMatch(/installation\.json was made by a newer Keyharbor/)
  })

  it('the mark can not be read', async () => {
    const data = await used()
    await writeFile(join(data, 'installation.json'), '{"id": "')
    expect(await refused(data)).toMatch(/installation\.json is emptied or damaged: remove it/)
  })
})

describe('after a stop that was not clean', () => {
  /** A folder as a kill leaves it, and a table that is read as told. */
  const killed = async (readAll: () => Promise<void>, readMs?: number) => {
    const data = await used()
    const { id, format } = await markOf(data)
    await writeFile(join(data, 'installation.json'), JSON.stringify({ id, format }))
    const installation = await openInstallation(data, readMs)
    const table = { get: async () => ({ id, format }), readAll }
    const told: string[] = []
    return {
      data,
      installation,
      told,
      check: () => installation.check(table, told.push.bind(told)),
    }
  }
  const broken = async (): Promise<void> => {
    throw new Error('malformed')
  }

  it('the table is read, and damage refuses the start', async () => {
    const { check, data, installation } = await killed(broken)
    await expect(check()).rejects.toThrow(/dynamo\.db is damaged \(Error: malformed\): put a good/)
    await installation.leave()
    expect(await markOf(data)).not.toHaveProperty('left')
  })

  it('what fails once is no damage', async () => {
    let reads = 0
    const { check, data, installation } = await killed(() =>
      ++reads === 1 ? broken() : Promise.resolve(),
    )
    await check()
    await installation.leave()
    expect(await markOf(data)).toHaveProperty('left')
  })

  it('a large table does not hold up the start, and its damage is told then', async () => {
    let fail: (error: Error) => void = () => {}
    const reading = new Promise<void>((_, no) => {
      fail = no
    })
    const { check, told, data, installation } = await killed(() => reading, 0)
    await check()
    expect(told).toEqual([])
    await installation.leave()
    expect(await markOf(data)).not.toHaveProperty('left')
    fail(new Error('malformed'))
    await until(() => told.length === 1)
    expect(told[0]).toMatch(/dynamo\.db is damaged/)
  })
})

describe('--new', () => {
  it('sets aside what is there, and begins anew', async () => {
    const data = await used()
    const before = await contents(data)
    await writeFile(join(data, 'mine.txt'), 'mine')
    await rm(join(data, 'dynamo.db'))
    const { notes, refused } = await startOnce(data, { isNew: true })
    expect(refused).toBeNull()
    const [, aside = ''] = /^What was there is in (.*)\.$/.exec(notes[0] ?? '') ?? []
    const { 'dynamo.db': _, ...others } = before
    expect(await contents(aside)).toEqual(others)
    expect((await markOf(data)).id).not.toBe((await markOf(aside)).id)
    expect(await readFile(join(data, 'mine.txt'), 'utf8')).toBe('mine')
    expect(await startOnce(data)).toEqual({ notes: [], refused: null })
  })

  it('is a start like any other where nothing is there', async () => {
    expect(await startOnce(await folder(), { isNew: true })).toEqual({ notes: [], refused: null })
  })

  it('is refused where the table is elsewhere', async () => {
    const { refused } = await startOnce(await folder(), { isNew: true, memory: true })
    expect(refused).toMatch(/^--new is for the data folder/)
  })
})
