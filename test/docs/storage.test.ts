/** docs/storage.md names all that key items and audit entries have. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AUDIT_EVENTS, type AuditEvent } from '../../shared/domain/audit-events.ts'
import { KEY_ATTRIBUTES } from '../../shared/store/key-items.ts'
import { ROOT } from './citations.ts'

const text = readFileSync(join(ROOT, 'docs/storage.md'), 'utf8')
const section = (heading: string): string =>
  text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
const namesIn = (words = ''): string[] =>
  [...words.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

describe('an attribute of key items', () => {
  const named = namesIn(section('Attributes that are not obvious'))

  it.each(Object.keys(KEY_ATTRIBUTES))('%s is in the list', (attribute) => {
    const where = 'docs/storage.md#attributes-that-are-not-obvious'
    expect(named, `${where}: give it a row, or name it below the table`).toContain(attribute)
  })
})

describe('an audit event', () => {
  const where = 'docs/storage.md#the-audit'
  const rows: { events: string[]; told: string[] }[] = []
  for (const line of section('The audit').split('\n')) {
    const [events, , fields] = line.split(' | ')
    if (fields === undefined) continue
    const above = fields.startsWith('the same') ? (rows.at(-1)?.told ?? []) : []
    rows.push({ events: namesIn(events), told: [...above, ...namesIn(fields)] })
  }

  it.each(Object.keys(AUDIT_EVENTS) as AuditEvent[])('%s is told of with its fields', (event) => {
    const row = rows.find(({ events }) => events.includes(event))
    const { events, told } = row ?? expect.fail(`${where}: give ${event} a row`)
    const fields = new Set(events.flatMap((one) => fieldsOf(one as AuditEvent)))
    expect(told.sort(), `${where}: its row names the fields of audit-events.ts`).toEqual(
      [...fields].sort(),
    )
  })
})

// ---------------------------------------------------------------------------------------------

function fieldsOf(event: AuditEvent): string[] {
  const { of: _, ...fields } = AUDIT_EVENTS[event]
  return Object.values(fields).flat()
}
