/** A restore brings nothing back that has ended since, and where it can't know, it says so before it does anything. */
import { copyFile, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { folder } from '../kit.ts'
import { drill, login, open, runCommand, start, useOf } from './drill.ts'

const SIZE = { keys: 60, users: 12, revoked: 20, reset: 8, demoted: 4, locked: 2 }

/** All files of a folder, but locks: those of processes that were killed go. */
const contents = async (path: string): Promise<string[]> => {
  const names = (await readdir(path)).filter((name) => !name.startsWith('lock.')).sort()
  const each = async (name: string) =>
    `${name} ${(await stat(join(path, name))).isFile() ? await readFile(join(path, name), 'base64') : ''}`
  return Promise.all(names.map(each))
}

it('leaves ended what ended since, and the rest works', async () => {
  const file = join(await folder(), 'backup')
  const { backup, restore, wrong, passes } = await drill(await folder(), file, SIZE)
  expect(backup).toMatchObject({ code: 0, err: '' })
  expect(restore).toMatchObject({ code: 0, err: '' })
  expect(restore.out).toMatch(/was taken from there\. Take a backup once it runs: [^.]+\.\n$/)
  expect(wrong).toEqual([])
  expect(passes).toBeGreaterThan(20)
})

it('leaves it ended by the journal, where nothing else is left but kms.key', async () => {
  const [data, file] = [await folder(), join(await folder(), 'backup')]
  const lose = async (): Promise<void> => {
    for (const name of await readdir(data))
      if (name !== 'kms.key' && name !== 'journal') await rm(join(data, name), { recursive: true })
    const { code, err } = await runCommand(data, ['restore', file])
    expect(code).toBe(1)
    expect(err).toMatch(
      /journal\.jsonl has what was revoked, .* until \S+: add --by-journal to take/,
    )
  }
  const { restore, wrong, passes } = await drill(data, file, SIZE, lose, ['--by-journal'])
  expect(restore).toMatchObject({ code: 0, err: '' })
  expect(restore.out).toMatch(/until \S+ was taken from \S+journal\.jsonl: what ended later passes/)
  expect(wrong).toEqual([])
  expect(passes).toBeGreaterThan(20)
})

it('takes what the table lost from the journal, and with --end-all ends all behind it', async () => {
  const [data, file] = [await folder(), join(await folder(), 'backup')]
  const first = await start(data)
  const { apiKey = '', device, username, password } = first.bootstrap
  expect((await runCommand(data, ['backup', file])).code).toBe(0)
  await first.stop()
  const older = join(await folder(), 'dynamo.db')
  await copyFile(join(data, 'dynamo.db'), older)
  const second = await start(data)
  const admin = await open(second)
  await login(admin, username, password)
  const [{ id } = { id: 0 }] = await admin.call<{ id: number }[]>('api_key.query', [
    ['username', '=', username],
  ])
  await admin.call('api_key.revoke', id)
  admin.close()
  await second.stop()
  await copyFile(older, join(data, 'dynamo.db'))
  const lost = await runCommand(data, ['restore', file])
  expect(lost).toMatchObject({ code: 0, out: expect.stringContaining('was taken from there') })
  const third = await start(data)
  expect(await useOf(third, apiKey)).toBe('none')
  expect(await useOf(third, device?.apiKey ?? '')).not.toBe('none')
  await third.stop()

  await rm(join(data, 'dynamo.db'))
  const ended = await runCommand(data, ['restore', file, '--end-all'])
  expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('All keys are revoked') })
  const fourth = await start(data)
  expect(await useOf(fourth, device?.apiKey ?? '')).toBe('none')
  await fourth.stop()
})

it('is refused, with nothing changed, where it can not be; and ends all where nobody knows', async () => {
  const data = await folder()
  const file = join(await folder(), 'backup')
  const refused = async (folders: string, args: string[], said: RegExp): Promise<void> => {
    const before = await contents(folders)
    const { code, out, err } = await runCommand(folders, ['restore', ...args])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^[^\n]+\n$/)
    expect(err).toMatch(said)
    expect(await contents(folders)).toEqual(before)
  }
  const first = await start(data)
  const { apiKey, username, password } = first.bootstrap
  const earlier = join(await folder(), 'earlier')
  expect((await runCommand(data, ['backup', earlier])).code).toBe(0)
  await first.stop()
  const older = join(await folder(), 'dynamo.db')
  await copyFile(join(data, 'dynamo.db'), older)

  const second = await start(data)
  const admin = await open(second)
  await login(admin, username, password)
  await admin.call('user.update', 1, { full_name: 'Another' })
  expect((await runCommand(data, ['backup', file])).code).toBe(0)
  const busy = await runCommand(data, ['restore', file])
  expect(busy).toMatchObject({ code: 1, err: expect.stringContaining('is in use by a running') })
  admin.close()
  await second.stop()

  await refused(data, [join(data, 'none')], /is missing: name a backup/)
  const cut = join(await folder(), 'cut')
  await writeFile(cut, (await readFile(file)).subarray(0, -100))
  await refused(data, [cut], /is cut or damaged/)
  const other = await folder()
  await refused(other, [file], /kms\.key is missing/)
  const third = await start(other)
  await third.stop()
  await refused(other, [file], /is of another installation than the backup/)
  // By an older table nothing is known of what ended.
  await rm(join(data, 'journal'), { recursive: true })
  await copyFile(older, join(data, 'dynamo.db'))
  await refused(data, [file], /No newer table can be read .* --end-all .* --as-it-was/)
  await rm(join(data, 'dynamo.db'))
  await refused(data, [file], /No newer table can be read/)

  const asItWas = await runCommand(data, ['restore', file, '--as-it-was'])
  expect(asItWas).toMatchObject({ code: 0, out: expect.stringContaining('passes again: look at') })
  const fourth = await start(data)
  expect(await useOf(fourth, apiKey ?? '')).toBe('read')
  await fourth.stop()
  await rename(join(data, 'dynamo.db'), join(data, 'elsewhere'))

  // A table that was restored from an earlier one knows nothing of what was between them.
  expect((await runCommand(data, ['restore', earlier, '--as-it-was'])).code).toBe(0)
  await refused(data, [file], /No newer table can be read .*it is older than the backup/)
  await rm(join(data, 'dynamo.db'))

  const ended = await runCommand(data, ['restore', file, '--end-all'])
  expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('All keys are revoked') })
  const fifth = await start(data)
  expect(await useOf(fifth, apiKey ?? '')).toBe('none')
  const rpc = await open(fifth)
  expect((await login(rpc, username, password)).response_type).not.toBe('SUCCESS')
  rpc.close()
  await fifth.stop()
})
