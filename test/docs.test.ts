import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FIELDS } from '../cdk/settings.ts'
import { read } from './cdk/synth.ts'

describe('docs/deploy.md', () => {
  const rows = [...read('docs/deploy.md').matchAll(/^\| `(\w+)` \| (.+?) \| .+ \|$/gm)]
  const documented = Object.fromEntries(
    rows.filter(([, name = '']) => /^[a-z]/.test(name)).map(([, name, value]) => [name, value]),
  )

  test('lists each setting of the app, and none besides', () => {
    expect(Object.keys(documented)).toEqual(Object.keys(FIELDS))
  })

  test.each(Object.entries(FIELDS))('says the default of %s', (name, field) => {
    const value: unknown = field.safeParse(undefined).data
    const none = value === undefined || (Array.isArray(value) && value.length === 0)
    if (none) expect(documented[name]).not.toContain('`')
    else expect(documented[name]).toBe(`\`${value}\``)
  })
})

describe('links', () => {
  const slug = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-')
  const files = [
    'README.md',
    ...['deploy', 'architecture', 'operations', 'cost', 'localstack', 'storage'].map(
      (n) => `docs/${n}.md`,
    ),
    ...['', 'nginx/', 'caddy/', 'envoy/'].map((n) => `examples/${n}README.md`),
  ]
  const links = files.flatMap((file) =>
    [...read(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)].map(
      ([, path = '', anchor]) => ({ file, to: path ? join(dirname(file), path) : file, anchor }),
    ),
  )
  test.each(links)('$file → $to $anchor', ({ to, anchor }) => {
    expect(existsSync(join(import.meta.dirname, '..', to)), to).toBe(true)
    if (anchor === undefined) return
    const headings = [...read(to).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => slug(text))
    expect(headings).toContain(anchor)
  })
})
