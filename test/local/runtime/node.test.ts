/** Which Node.js runs the bundles. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findNode, majorOf } from '../../../local/runtime/node.ts'
import { folder } from '../kit.ts'

it('is the one that the person names', () => {
  expect(findNode(process.execPath)).toEqual({
    path: process.execPath,
    version: process.version,
    advice: null,
  })
})

it('is refused when it is none', async () => {
  const file = join(await folder(), 'node')
  expect(() => findNode(file)).toThrow(/correct or unset KEYHARBOR_NODE$/)
  await writeFile(file, '#!/bin/sh\necho hello\n', { mode: 0o700 })
  expect(() => findNode(file)).toThrow('it says "hello"')
})

it('is 24 or newer, or one is told how to get it', () => {
  const { version, advice } = findNode()
  if (majorOf(version) >= 24) expect(advice).toBeNull()
  else expect(advice).toContain('"npm run node24"')
})
