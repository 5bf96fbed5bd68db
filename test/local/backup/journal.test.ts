/** The journal has what ended, whole and in order, or says that it hasn't. */
import { appendFile, copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { describe, expect, it, onTestFinished } from 'vitest'
import { journalOf, startJournal } from '../../../local/backup/journal.ts'
import {
  type Change,
  createJournal,
  openJournal,
  readJournal,
} from '../../../local/backup/journal-file.ts'
import { replay } from '../../../local/backup/replay.ts'
import { lastNumber } from '../../../local/backup/stream-end.ts'
import { createTrust } from '../../../local/credentials.ts'
import { startDynamo } from '../../../local/dynamo.ts'
import { ensureTable, streamOf } from '../../../local/table.ts'
import { createDb } from '../../../shared/store/db.ts'
import { createInstallation } from '../../../shared/store/installation.ts'
import { folder, hushed, signing, until } from '../kit.ts'

const TableName = 'keyharbor'

const open = async (file: string) => {
  const trust = createTrust()
  const dynamo = await startDynamo({ trust, file })
  const options = { endpoint: dynamo.endpoint, ...signing(trust) }
  const [client, streams] = [new DynamoDBClient(options), new DynamoDBStreamsClient(options)]
  const close = async (): Promise<void> => {
    client.destroy()
    streams.destroy()
    await dynamo.close()
  }
  onTestFinished(close)
  await ensureTable(client, TableName)
  const db = createDb(client, TableName)
  const findStream = (): Promise<string> => streamOf(client, TableName)
  return {
    close,
    client,
    db,
    marks: createInstallation(db),
    last: async () => lastNumber(streams, await findStream()),
    put: (sk: string, value: number, pk = 'T#1') =>
      client.send(
        new PutItemCommand({
          TableName,
          Item: {
            pk: { S: pk },
            sk: { S: sk },
            value: { N: `${value}` },
            sealed: { B: Buffer.of(0, 255) },
          },
        }),
      ),
    keep: (to: string) => {
      const journal = startJournal({
        client: streams,
        findStream,
        marks: createInstallation(db),
        folder: to,
        idle: 5,
      })
      onTestFinished(() => journal.close())
      return journal
    },
  }
}

/** A marked table and the folder of its journal. */
const running = async () => {
  const [data, to] = [await folder(), await folder()]
  const table = await open(join(data, 'dynamo.db'))
  await table.marks.put({ id: 'one', format: 1 })
  return { ...table, file: join(data, 'dynamo.db'), to, path: journalOf(to, 'one') }
}

const changesOf = async (path: string): Promise<Change[]> => {
  const all: Change[] = []
  for await (const { changes } of readJournal(path)) all.push(...changes)
  return all
}
const named = (changes: readonly Change[]) =>
  changes.map(({ key, is }) => `${key.sk} ${(is?.value as { N: string } | undefined)?.N ?? '-'}`)

it('has what a restore looks at, in order, over stops and kills; and nothing else', async () => {
  const { keep, put, client, to, path, marks, last } = await running()
  await put('USER#before', 1)
  const first = keep(to)
  await until(async () => (await marks.get())?.journal)
  await put('USER#a', 1)
  await put('AUDIT', 1, 'T#1#AUDIT#2026-01-01')
  await put('SESSION#a', 1)
  await put('USER#a', 2)
  await first.close()
  expect(named(await changesOf(path))).toEqual(['USER#a 1', 'USER#a 2'])
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await put('CHECK', 3, 'T#1#K#7')
  // A kill within a line.
  await appendFile(path, '{"hash":"00')
  const second = keep(to)
  await client.send(
    new DeleteItemCommand({ TableName, Key: { pk: { S: 'T#1' }, sk: { S: 'USER#a' } } }),
  )
  await until(async () => (await changesOf(path)).length === 4)
  await second.close()
  const changes = await changesOf(path)
  expect(named(changes)).toEqual(['USER#a 1', 'USER#a 2', 'CHECK 3', 'USER#a -'])
  expect(changes[0]?.is).toMatchObject({ sealed: { B: 'AP8=' } })
  expect(changes.at(-1)?.n).toBe(await last())
  expect(await readdir(dirname(path))).toEqual(['journal.jsonl'])
})

it('is known as damaged where a line is missing, changed or moved, and not where the last was cut', async () => {
  const path = join(await folder(), 'journal')
  await createJournal(path, 'name', { to: 0, was: '' })
  const journal = await openJournal(path)
  for (const to of [1, 2, 3]) await journal?.append({ to, was: '', at: to, changes: [] })
  await journal?.close()
  const text = await readFile(path, 'utf8')
  const lines = text.trimEnd().split('\n')
  const ends = async (all: string): Promise<number> => {
    await writeFile(path, all)
    let end = -1
    for await (const { to } of readJournal(path)) end = to
    return end
  }
  const [head = '', one = '', two = '', three = ''] = lines
  const written = (...all: string[]): string => all.map((line) => `${line}\n`).join('')
  for (const wrong of [
    written(one, two, three),
    written(head, two, three),
    written(head, one, three),
    written(head, two, one, three),
    written(head, one, one, two),
    written(head, one.replace('"to":1', '"to":9'), two),
    written(head, one, two, three.replace('"to":3', '"to":9')),
    `${written(head, one)}\n${written(two)}`,
  ])
    await expect(ends(wrong), wrong).rejects.toThrow("isn't as it was written")
  expect(await ends(text)).toBe(3)
  expect(await ends(text.slice(0, -1))).toBe(2)
  expect(await ends(text.slice(0, -40))).toBe(2)
})

it('is as long as there are items, not changes', async () => {
  const path = join(await folder(), 'journal')
  await createJournal(path, 'name', { to: 0, was: '' })
  const journal = await openJournal(path, 5000)
  const change = (n: number): Change => ({
    n,
    key: { pk: 'T#1', sk: `USER#${n % 3}` },
    is: n % 3 === 0 ? null : { value: { N: `${n}` } },
  })
  for (let to = 1; to <= 300; to++)
    await journal?.append({ to, was: '', at: to, changes: [change(to)] })
  await journal?.close()
  expect((await stat(path)).size).toBeLessThan(6000)
  const last = new Map((await changesOf(path)).map(({ key, n }) => [key.sk, n]))
  expect([...last].sort()).toEqual([
    ['USER#0', 300],
    ['USER#1', 298],
    ['USER#2', 299],
  ])
  const again = await openJournal(path)
  expect(again).toMatchObject({ journal: 'name' })
  expect(again?.last().to).toBe(300)
  await again?.close()
})

it('that can’t be written is said, and caught up with', async () => {
  const lines = hushed()
  const { keep, put, to, marks } = await running()
  const below = join(to, 'none')
  await writeFile(below, 'no folder')
  const journal = keep(below)
  await put('USER#a', 1)
  await until(() => lines.some((line) => line.includes('journal can’t be kept')))
  const late = await until(() => journal.behind())
  await until(() => journal.behind() > late)
  await rm(below)
  await until(async () => (await marks.get())?.journal)
  await put('USER#a', 2)
  await journal.close()
  expect(named(await changesOf(journalOf(below, 'one')))).toEqual(['USER#a 2'])
})

describe('a new one begins, and says so, where', () => {
  const begun = async (act: (on: Awaited<ReturnType<typeof running>>) => Promise<void>) => {
    const lines = hushed()
    const table = await running()
    const { keep, to, path, put, marks } = table
    const first = keep(to)
    const before = await until(async () => (await marks.get())?.journal)
    await put('USER#a', 1)
    await put('USER#a', 2)
    await first.close()
    await act(table)
    const second = keep(to)
    await until(async () => ![undefined, before].includes((await marks.get())?.journal))
    await put('USER#a', 3)
    await second.close()
    expect(lines.join()).toContain('a new journal begins')
    expect(named(await changesOf(path))).toEqual(['USER#a 3'])
    expect(await readdir(dirname(path))).toHaveLength(2)
  }

  it('a line of it is damaged', () =>
    begun(async ({ path }) =>
      writeFile(path, (await readFile(path, 'utf8')).replace('"N":"1"', '"N":"7"')),
    ))

  it('the table is a restored one', () => begun(({ marks }) => marks.put({ id: 'one', format: 1 })))

  it('the table is older than it', () =>
    begun(async ({ path, last }) => {
      const journal = await openJournal(path)
      await journal?.append({ to: (await last()) + 5, was: '', at: 1, changes: [] })
      await journal?.close()
    }))

  it('the table has another history, as far', () =>
    begun(async ({ path, last }) => {
      const journal = await openJournal(path)
      await journal?.append({ to: await last(), was: 'another record', at: 1, changes: [] })
      await journal?.close()
    }))
})

it('is kept by one service at a time', async () => {
  const lines = hushed()
  const { keep, put, to, path, marks } = await running()
  const first = keep(to)
  const name = await until(async () => (await marks.get())?.journal)
  // Of a copy of the folder, started with the same setting.
  const copy = await open(join(await folder(), 'dynamo.db'))
  await copy.marks.put({ id: 'one', format: 1, journal: name })
  const second = copy.keep(to)
  await until(() => lines.some((line) => line.includes('is in use by a running Keyharbor')))
  await put('USER#a', 1)
  await second.close()
  await first.close()
  expect(named(await changesOf(path))).toEqual(['USER#a 1'])
})

describe('a backup', () => {
  /** One of a table with a journal, and changes after it. */
  const backedUp = async () => {
    const table = await running()
    const { keep, to, marks, put, last, file, path } = table
    const journal = keep(to)
    await until(async () => (await marks.get())?.journal)
    await put('USER#a', 1)
    await put('USER#a', 2)
    const copy = join(await folder(), 'dynamo.db')
    await put('USER#b', 1)
    const at = await last()
    await journal.close()
    await table.close()
    await copyFile(file, copy)
    const again = await open(file)
    return { ...again, to, path, copy, at, keep: again.keep }
  }
  const replayed = async (copy: string, path: string | null) => {
    const { db, last } = await open(copy)
    const end = await replay(path, { db, lastNumber: last })
    return { db, end }
  }

  it('becomes what the table was when the journal ends', async () => {
    const { keep, to, put, client, copy, path } = await backedUp()
    const journal = keep(to)
    await put('USER#a', 3)
    await client.send(
      new DeleteItemCommand({ TableName, Key: { pk: { S: 'T#1' }, sk: { S: 'USER#b' } } }),
    )
    await put('USER#c', 1)
    await journal.close()
    const { db, end } = await replayed(copy, path)
    const [a, b, c] = await db.read(
      ['a', 'b', 'c'].map((name) => ({ pk: 'T#1', sk: `USER#${name}` })),
    )
    expect([a?.value, b, c?.value]).toEqual([3, null, 1])
    expect(a?.sealed).toEqual(new Uint8Array([0, 255]))
    expect(Date.now() - end).toBeGreaterThanOrEqual(0)
  })

  it('takes nothing of a journal that isn’t of it, or not of then', async () => {
    const { keep, to, put, copy, path, marks } = await backedUp()
    await expect(replayed(copy, null)).rejects.toThrow('KEYHARBOR_JOURNAL is off')
    await expect(replayed(copy, journalOf(to, 'two'))).rejects.toThrow('of another installation')
    await expect(replayed(copy, journalOf(await folder(), 'one'))).rejects.toThrow('there is no')
    const text = await readFile(path, 'utf8')
    const lines = text.trimEnd().split('\n')
    await writeFile(path, `${lines[0]}\n`)
    await expect(replayed(copy, path)).rejects.toThrow('ends before the backup')
    await writeFile(path, `${[lines[0], ...lines.slice(2)].join('\n')}\n`)
    await expect(replayed(copy, path)).rejects.toThrow("isn't as it was written")
    await writeFile(path, '')
    await expect(replayed(copy, path)).rejects.toThrow('is empty')
    await writeFile(path, text)
    // As a restore leaves it.
    await marks.put({ id: 'one', format: 1 })
    const next = keep(to)
    await until(async () => (await marks.get())?.journal)
    await put('USER#a', 4)
    await next.close()
    await expect(replayed(copy, path)).rejects.toThrow('begins after the backup')
  })
})
