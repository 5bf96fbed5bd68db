/** docs/operations.md is read when there is no time to find out that it is wrong: what it quotes exists. */
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readSettings } from '../../cdk/settings.ts'
import { app, read, type Synthesised, synth } from './synth.ts'

const text = read('docs', 'operations.md')
const quoted = (pattern: RegExp): string[][] => [...text.matchAll(pattern)].map(([, ...of]) => of)

let stack: Synthesised
beforeAll(() => {
  stack = synth({ edge: true })
})

test('resources are found by these types and names, one each', () => {
  const asked = quoted(/\$\(res (\w+) (\w+::\w+) (\w+)\)/g)
  expect(asked.length).toBeGreaterThan(5)
  for (const [of = '', type, begins = ''] of asked) {
    const template = { Data: stack.data, Service: stack.service, Edge: stack.edge }[of]
    const found = Object.keys(template?.findResources(`AWS::${type}`) ?? {})
    expect(found.filter((id) => id.startsWith(begins)).length, `${type} ${begins}`).toBe(1)
  }
})

test('log messages are those of the code', () => {
  const root = join(import.meta.dirname, '../..')
  const code = ['shared', 'functions']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => read(relative(root, join(parentPath, name)))),
    )
    .join('\n')
  const messages = quoted(/message = "([^"]+)"/g).flat()
  expect(messages.length).toBeGreaterThan(3)
  for (const message of messages) expect(code).toContain(`log.error('${message}'`)
})

test('settings are settings', () => {
  const names = quoted(/keyharbor:(\w+)/g).flat()
  expect(names.length).toBeGreaterThan(3)
  for (const name of names) {
    const use = () => readSettings(app({ [name]: {} }))
    expect(use, name).not.toThrow('is no setting')
  }
})

test('links inside lead to headings', () => {
  const headings = quoted(/^#+ (.+)$/gm).flat()
  const anchors = headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  for (const [anchor] of quoted(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor)
})
