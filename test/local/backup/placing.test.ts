/** A restore that is killed while names change is finished, wherever that was. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { finishRestore, isUnfinished, stepsOf } from '../../../local/backup/placing.ts'
import { folder } from '../kit.ts'

const NOTE = { mark: { id: 'one', format: 1 }, drafts: 'restore-aB3dEf', aside: 'set-aside-then' }
const OLD = ['dynamo.db', 'dynamo.db-wal', 'stream-close.json', 'stream-tell.json']

const prepared = async (): Promise<string> => {
  const data = await folder()
  for (const name of [...OLD, 'kms.key', 'installation.json'])
    await writeFile(join(data, name), 'old')
  await mkdir(join(data, NOTE.drafts))
  await writeFile(join(data, NOTE.drafts, 'dynamo.db'), 'restored')
  await writeFile(join(data, NOTE.drafts, 'newer.db'), 'draft')
  await writeFile(join(data, 'restoring.json'), JSON.stringify(NOTE))
  return data
}

it('is finished after each step', async () => {
  const count = (await stepsOf(await prepared(), NOTE)).length
  expect(count).toBeGreaterThan(OLD.length + 3)
  for (let done = 0; done <= count; done++) {
    const data = await prepared()
    for (const step of (await stepsOf(data, NOTE)).slice(0, done)) await step()
    const wasOpen = isUnfinished(data)
    expect(await finishRestore(data)).toBe(wasOpen)
    expect((await readdir(data)).sort()).toEqual(
      ['dynamo.db', 'installation.json', 'kms.key', NOTE.aside].sort(),
    )
    expect(await readFile(join(data, 'dynamo.db'), 'utf8')).toBe('restored')
    expect(JSON.parse(await readFile(join(data, 'installation.json'), 'utf8'))).toEqual(NOTE.mark)
    expect((await readdir(join(data, NOTE.aside))).sort()).toEqual(OLD)
    expect(await finishRestore(data)).toBe(false)
  }
})

it('is undone before the first step', async () => {
  const data = await folder()
  await writeFile(join(data, 'dynamo.db'), 'old')
  await mkdir(join(data, NOTE.drafts))
  await writeFile(join(data, NOTE.drafts, 'dynamo.db'), 'half')
  expect(await finishRestore(data)).toBe(false)
  expect(await readdir(data)).toEqual(['dynamo.db'])
})
