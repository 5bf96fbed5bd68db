/** What an audit entry says of a change; and that what lacks something of its event doesn't compile. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AUDIT_EVENTS, type AuditData, changesOf } from '../../shared/domain/audit-events.ts'

const USER = {
  full_name: 'Bob',
  roles: ['READONLY_ADMIN'],
  locked: false,
  password_disabled: true,
  twofactor_auth_configured: false,
  password_version: 1,
} as const
const subject = { user: 'bob' } as const
const UNNAMED = {
  full_name: undefined,
  roles: undefined,
  locked: undefined,
  password_disabled: undefined,
  twofactor_auth_configured: undefined,
  password_version: undefined,
}
const update = (
  before: Partial<AuditData<'user.update'>['before']>,
  after: Partial<AuditData<'user.update'>['after']>,
) =>
  changesOf({
    event: 'user.update',
    before: { ...USER, ...before },
    after: { ...UNNAMED, ...after },
  })

describe('an entry', () => {
  it('says what changed, and no more', () => {
    expect(update({}, { full_name: 'Robert', locked: false, roles: ['READONLY_ADMIN'] })).toEqual({
      full_name: { from: 'Bob', to: 'Robert' },
    })
    expect(update({}, {})).toBeUndefined()
    expect(changesOf({ event: 'user.use_recovery_code' })).toBeUndefined()
  })

  it('doesn’t say what a change didn’t hold, and leaves nothing out that it named', () => {
    const after = { full_name: 'Bob', password_version: 2 }
    expect(update({ full_name: undefined }, after)).toStrictEqual({
      full_name: { to: 'Bob' },
      password_version: { from: 1, to: 2 },
    })
  })

  it('has one side of what comes or goes', () => {
    expect(changesOf({ event: 'key.delete', before: { name: 'nas' } })).toStrictEqual({
      name: { from: 'nas' },
    })
    expect(changesOf({ event: 'tenant.create', after: { name: 'Acme', admin: 'root' } })).toEqual({
      name: { to: 'Acme' },
      admin: { to: 'root' },
    })
  })

  it('cuts long lists, says so, and begins with what changed', () => {
    const many = Array.from({ length: 12 }, (_, n) => `ROLE_${n}`)
    const changes = update({ roles: many }, { roles: [...many.slice(1), 'NEW'] })
    expect(changes?.roles?.from).toEqual([
      ...['ROLE_0', 'ROLE_1', 'ROLE_2', 'ROLE_3', 'ROLE_4', 'ROLE_5', 'ROLE_6', 'ROLE_7'],
      '… 4 more',
    ])
    expect(changes?.roles?.to).toEqual(['NEW', ...many.slice(1, 8), '… 4 more'])
    const eight = many.slice(0, 8)
    expect(update({}, { roles: eight })?.roles?.to).toEqual(eight)
    const { roles } = update({ roles: eight.slice(1) }, { roles: eight.toReversed() }) ?? {}
    expect(roles?.to, 'a list that is short enough stays as it is').toEqual(eight.toReversed())
  })

  it('hides nothing that was given or taken behind what else was', () => {
    const many = [...Array.from({ length: 12 }, (_, n) => `ROLE_${n}`), 'FULL_ADMIN']
    expect(update({ roles: ['OLD'] }, { roles: many })?.roles).toEqual({ from: ['OLD'], to: many })
    expect(changesOf({ event: 'user.delete', before: { roles: many } })?.roles?.from).toEqual(many)
  })

  it('says no field that its event has none of', () => {
    const before = { name: 'nas', token: 'of a careless caller' }
    expect(changesOf({ event: 'key.delete', before })).toEqual({ name: { from: 'nas' } })
  })
})

it('compiles with all that its event asks for, and with nothing else', () => {
  const whole: AuditData[] = [
    { event: 'user.update', subject, before: USER, after: USER },
    { event: 'user.use_recovery_code', subject },
    { event: 'key.delete', subject: { key: 1_000_000_001 }, before: { name: 'nas' } },
  ]
  const { roles: _, ...lacking } = USER
  const wrong: AuditData[] = [
    // @ts-expect-error: no such event
    { event: 'user.rename', subject },
    // @ts-expect-error: a user has a username, and no number
    { event: 'user.use_recovery_code', subject: { user: 7 } },
    // @ts-expect-error: it isn't about a key
    { event: 'user.use_recovery_code', subject: { key: 7 } },
    // @ts-expect-error: nothing of what was before
    { event: 'user.update', subject, after: USER },
    // @ts-expect-error: nothing of what came of it
    { event: 'user.update', subject, before: USER },
    // @ts-expect-error: a field is left out
    { event: 'user.update', subject, before: lacking, after: USER },
    // @ts-expect-error: no event shows that
    { event: 'key.delete', subject: { key: 1 }, before: { name: 'nas', sealed: 'secret' } },
  ]
  expect(whole.length + wrong.length).toBe(10)
})

it('is in the list of docs/storage.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/storage.md'), 'utf8')
  expect(
    Object.keys(AUDIT_EVENTS).filter((event) => !text.includes(`\`${event}\``)),
    'add a row to the table under "The audit" in docs/storage.md',
  ).toEqual([])
})
