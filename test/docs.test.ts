import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FIELDS } from '../cdk/settings.ts'

describe('docs/deploy.md', () => {
  const text = readFileSync(new URL('../docs/deploy.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| `(\w+)` \| (.+?) \| .+ \|$/gm)]
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
