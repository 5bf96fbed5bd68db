/** What an event makes of the keys on the screen. */
import { describe, expect, it } from 'vitest'
import type { ApiKey } from '../../client/index.ts'
import { NOTHING, PAGE_SIZE, patched } from '../../portal/src/keys/listed.ts'

const entry = (id: number, more: Partial<ApiKey> = {}): ApiKey => ({
  id,
  name: `key ${id}`,
  username: 'admin',
  user_identifier: 1,
  created_at: new Date(0),
  expires_at: null,
  local: true,
  revoked: false,
  ...more,
})

const shown = (...rows: ApiKey[]) => ({ ...NOTHING, busy: false, rows })
const EVERYBODY = null
const UNKNOWN = undefined

describe('a key that was changed', () => {
  it('is shown as it is now, in its place', () => {
    const fields = entry(2, { name: 'renamed' })
    const after = patched(shown(entry(3), entry(2)), { msg: 'changed', id: 2, fields }, EVERYBODY)
    expect(after.rows).toEqual([entry(3), fields])
  })

  it('is nothing to a page that doesn’t show it', () => {
    const now = shown(entry(3))
    expect(patched(now, { msg: 'changed', id: 9, fields: entry(9) }, EVERYBODY)).toBe(now)
  })
})

describe('a key that was removed', () => {
  it('is gone from the page', () => {
    const after = patched(shown(entry(3), entry(2)), { msg: 'removed', id: 3 }, EVERYBODY)
    expect(after.rows).toEqual([entry(2)])
  })
})

describe('a key that was added', () => {
  const added = { msg: 'added', id: 4, fields: entry(4) } as const

  it('comes first where the newest do', () => {
    expect(patched(shown(entry(3)), added, EVERYBODY).rows).toEqual([entry(4), entry(3)])
  })

  it('pushes the last of a full page to the next', () => {
    const full = Array.from({ length: PAGE_SIZE }, (_, at) => entry(100 - at))
    const after = patched(shown(...full), { msg: 'added', id: 101, fields: entry(101) }, EVERYBODY)
    expect(after.rows).toHaveLength(PAGE_SIZE)
    expect(after.rows[0]?.id).toBe(101)
    expect(after.hasMore).toBe(true)
  })

  it('is there once, also when it is told twice', () => {
    const once = patched(shown(), added, EVERYBODY)
    expect(patched(once, added, EVERYBODY).rows).toEqual([entry(4)])
  })

  it('is only counted where its place is not known, or the page is on its way', () => {
    expect(patched(shown(entry(3)), added, UNKNOWN)).toMatchObject({ rows: [entry(3)], added: 1 })
    expect(patched({ ...shown(), busy: true }, added, EVERYBODY)).toMatchObject({ added: 1 })
  })

  it('is nothing to the list of another user', () => {
    const now = shown(entry(3, { username: 'ada' }))
    expect(patched(now, added, 'ada')).toBe(now)
  })
})
