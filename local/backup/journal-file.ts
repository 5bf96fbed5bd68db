/**
 * The journal's file: lines of JSON, each with the hash of all before it, so that a line that is missing or changed is known.
 * A last line that was cut is one that nobody was told of. It grows with the items that there are or were, not with their changes: of
 * each the last state is kept.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { isThere, syncFolder } from '../durable.ts'

const Change = z.object({
  /** Its number in the table's stream. */
  n: z.number(),
  key: z.object({ pk: z.string(), sk: z.string() }),
  /** The item in DynamoDB's JSON; null: it was removed. */
  is: z.record(z.string(), z.unknown()).nullable(),
})
export type Change = z.infer<typeof Change>

const Entry = z.object({
  /** Which journal it is; in the first line alone. */
  journal: z.string().optional(),
  /** The last record of the stream that is in it or was passed over, by its number. */
  to: z.number(),
  /** What that record was: another table's has the same number. Empty before the first. */
  was: z.string(),
  /** Until when all changes are in it, in milliseconds since the epoch. */
  at: z.number(),
  changes: z.array(Change),
})
export type Entry = z.infer<typeof Entry>

/** Thrown where a line isn't what was written there. */
export class Damaged extends Error {
  override readonly name = 'Damaged'
}

/** A file smaller than this is left as it is. */
const COMPACT_BYTES = 16 << 20

type Line = Entry & {
  readonly hash: string
  /** In the file, with its end. */
  readonly bytes: number
}

/** @returns each line, but not a last one that was cut. @throws Damaged once it comes to a line that isn't right. */
export async function* readJournal(path: string): AsyncGenerator<Line> {
  let before = ''
  let n = 0
  for await (const line of linesOf(path)) {
    const entry = entryOf(line, before)
    n++
    if (entry === null || (n === 1) !== (entry.journal !== undefined))
      throw new Damaged(`line ${n} of ${path} isn't as it was written`)
    before = entry.hash
    yield entry
  }
}

/** Makes a new one; survives a power cut once it returns. */
export const createJournal = async (
  path: string,
  journal: string,
  { to, was }: Pick<Entry, 'to' | 'was'>,
): Promise<void> => {
  const { text } = lineOf({ journal, to, was, at: Date.now(), changes: [] }, '')
  await writeLines(`${path}.draft`, async (write) => write(text))
  await rename(`${path}.draft`, path)
  await syncFolder(dirname(path))
}

export type Journal = NonNullable<Awaited<ReturnType<typeof openJournal>>>

/**
 * Opens one to go on with it.
 * @returns null where there is none, or not even its first line.
 * @throws Damaged
 */
export const openJournal = async (path: string, compactBytes = COMPACT_BYTES) => {
  if (!(await isThere(path))) return null
  let journal: string | undefined
  let [to, was, hash, end] = [0, '', '', 0]
  for await (const entry of readJournal(path)) {
    journal ??= entry.journal
    to = entry.to
    was = entry.was
    hash = entry.hash
    end += entry.bytes
  }
  if (journal === undefined) return null
  let limit = Math.max(compactBytes, 2 * end)
  let file = await open(path, 'r+', 0o600)
  await file.chmod(0o600)

  return {
    journal,
    /** The last record that is in it. */
    last: (): Pick<Entry, 'to' | 'was'> => ({ to, was }),
    /** @returns once it would survive a power cut. After a failure it may be tried again. */
    async append(entry: Entry): Promise<void> {
      const line = lineOf(entry, hash)
      // What a failure or a kill left of a line.
      await file.truncate(end)
      const { bytesWritten } = await file.write(line.text, end)
      if (bytesWritten !== Buffer.byteLength(line.text)) throw new Error('a line was cut')
      await file.datasync()
      to = entry.to
      was = entry.was
      hash = line.hash
      end += Buffer.byteLength(line.text)
      if (end < limit) return
      hash = await compact(path)
      await file.close()
      file = await open(path, 'r+', 0o600)
      end = (await file.stat()).size
      limit = Math.max(compactBytes, 2 * end)
    },
    close: (): Promise<void> => file.close(),
  }
}

// ---------------------------------------------------------------------------------------------

const HASH_AT = '{"hash":"'.length
const BODY_AT = HASH_AT + 64 + '",'.length

const lineOf = (entry: Entry, before: string) => {
  const { journal, to, was, at, changes } = entry
  const body = JSON.stringify({ journal, to, was, at, changes })
  const hash = createHash('sha256').update(before).update(body).digest('hex')
  return { hash, text: `{"hash":"${hash}",${body.slice(1)}\n` }
}

const entryOf = (line: string, before: string): Line | null => {
  const body = `{${line.slice(BODY_AT)}`
  const hash = createHash('sha256').update(before).update(body).digest('hex')
  if (line.slice(0, BODY_AT) !== `{"hash":"${hash}",`) return null
  return { ...Entry.parse(JSON.parse(body)), hash, bytes: Buffer.byteLength(line) + 1 }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let parts: Buffer[] = []
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) {
    let from = 0
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, from)) {
      yield Buffer.concat([...parts, part.subarray(from, at)]).toString()
      parts = []
      from = at + 1
    }
    parts.push(part.subarray(from))
  }
}

/** Keeps the last state of each item. @returns the hash of the last line. */
const compact = async (path: string): Promise<string> => {
  const last = new Map<string, number>()
  const nameOf = ({ key }: Change): string => `${key.pk}\0${key.sk}`
  let end: Entry | undefined
  for await (const entry of readJournal(path)) {
    for (const change of entry.changes) last.set(nameOf(change), change.n)
    end = entry
  }
  let hash = ''
  const draft = `${path}.draft`
  await writeLines(draft, async (write) => {
    for await (const entry of readJournal(path)) {
      const changes = entry.changes.filter((change) => last.get(nameOf(change)) === change.n)
      const isNeeded = entry.journal !== undefined || entry.to === end?.to || changes.length > 0
      if (!isNeeded) continue
      const line = lineOf({ ...entry, changes }, hash)
      hash = line.hash
      await write(line.text)
    }
  })
  await rename(draft, path)
  await syncFolder(dirname(path))
  return hash
}

const writeLines = async (
  path: string,
  each: (write: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> => {
  await rm(path, { force: true })
  const file = await open(path, 'wx', 0o600)
  try {
    await each((text) => file.writeFile(text))
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
