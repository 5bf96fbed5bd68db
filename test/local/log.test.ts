/** What is said while the service runs is JSON, a line each: nobody writes past `local/log.ts`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { log, requestOf } from '../../local/log.ts'
import { hushed } from './kit.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Files that write to standard error themselves, and what. */
const MAY: Readonly<Record<string, string>> = {
  'local/backup/command.ts': 'how far a backup is, for who waits for it',
  'local/main.ts': 'what a person reads at a start, or as the reason of its end',
  'local/runtime/log.ts': 'lines of functions that are JSON already',
  'shared/log.ts': 'all other lines',
}

it('lines for the log are written by the log', () => {
  const found = ['local', 'shared', 'functions'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|mjs)$/.test(file))
      .map((file) => join(folder, file))
      .filter((file) =>
        /stderr\.write|console\.(log|info|warn|error)/.test(readFileSync(join(ROOT, file), 'utf8')),
      ),
  )
  expect(found.sort(), 'use local/log.ts, or say in this test why not').toEqual(
    Object.keys(MAY).sort(),
  )
})

it('an error is one line, with its stack and its causes', () => {
  const lines = hushed()
  log.error('it broke', new TypeError('so', { cause: new Error('therefore') }), { request: 'r1' })
  log.error('it is late', undefined, { request: requestOf(null), seconds: 3 })
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true)
  const [broke, late] = lines.map((line) => JSON.parse(line))
  expect(broke).toMatchObject({
    level: 'error',
    message: 'it broke',
    request: 'r1',
    error: { name: 'TypeError', message: 'so', cause: { message: 'therefore' } },
  })
  expect(broke.error.stack).toContain('log.test.ts')
  expect(late).toEqual({ at: late.at, level: 'error', message: 'it is late', seconds: 3 })
})
