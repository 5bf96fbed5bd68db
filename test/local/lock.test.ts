/** One process to a data folder. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockFolder } from '../../local/lock.ts'
import { folder } from './kit.ts'

describe('the lock', () => {
  it('is refused while its holder lives, and free once given back', async () => {
    const path = join(await folder(), 'new', 'data')
    const release = await lockFolder(path)
    await expect(lockFolder(path)).rejects.toThrow(
      `The data folder ${path} is in use by a running Keyharbor (process ${process.pid}): stop that one, or set KEYHARBOR_DATA to another folder`,
    )
    await release()
    await (await lockFolder(path))()
    expect(await readdir(path)).toEqual([])
  })

  it.each([
    ['a process that is no more', 'lock.999999999.1'],
    ['a process whose number another one has now', `lock.${process.pid}.1`],
  ])('of %s holds nothing', async (_who, name) => {
    const path = await folder()
    await writeFile(join(path, name), '')
    const release = await lockFolder(path)
    expect(await readdir(path)).toEqual([expect.stringMatching(`^lock\\.${process.pid}\\.\\d+$`)])
    await release()
    expect(await readdir(path)).toEqual([])
  })

  it('of a process that lives is respected, even when it is not ours', async () => {
    const path = await folder()
    const stat = await readFile(`/proc/${process.ppid}/stat`, 'latin1')
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    await writeFile(join(path, `lock.${process.ppid}.${start}`), '')
    await expect(lockFolder(path)).rejects.toThrow(
      `in use by a running Keyharbor (process ${process.ppid})`,
    )
    expect(await readdir(path)).toEqual([`lock.${process.ppid}.${start}`])
  })

  it('goes to one of many that ask at once', async () => {
    const path = await folder()
    await writeFile(join(path, 'lock.999999999.1'), '')
    const asked = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(path)))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('says so when the folder cannot be made', async () => {
    const path = join(await folder(), 'file')
    await writeFile(path, '')
    await expect(lockFolder(join(path, 'data'))).rejects.toThrow(
      /can't be written .*: mend that, or set KEYHARBOR_DATA/,
    )
  })
})
