/** (d) The same check, and the same page of a list, in tables of different sizes. */
import { bundleOf } from '../run/build.ts'
import { type Child, startChild } from '../run/child.ts'
import type { Sample } from '../run/protocol.ts'
import type { Subject } from '../run/subject.ts'
import { FORM } from '../subjects/callers.ts'
import type { Table } from './tables.ts'

/** Rows of a page. */
export const PAGE = 50

export const scaleSubjects = (tables: readonly Table[]): Subject[] => [
  ...tables.map((table) => subject('check', 'one check', table, startCheck)),
  ...tables.map((table) => subject('query', `a page of ${PAGE} keys`, table, startQuery)),
]

/** A process that checks keys, one after the other. @param dynamoUrl where it reads. */
export const startCheck = async ({ cloud, tenant }: Table, dynamoUrl?: string): Promise<Child> => {
  const child = startChild(bundleOf('our-process'), {
    environment: cloud.environment('check', dynamoUrl),
  })
  await child.ask('start', { reads: 'dynamodb', layer: 'handler', atOnce: 1 })
  const headers = { authorization: `Bearer ${tenant.device}`, 'content-type': FORM }
  const replies = await child.ask<{ body: string }[]>(
    'ask',
    tenant.keys.map((key) => ({ path: '/oauth2/introspect', headers, body: `token=${key}` })),
  )
  if (!replies.every(({ body }) => body.includes('"active":true')))
    throw new Error('a key was refused')
  return child
}

/** A process that lists a page, over and over. */
export const startQuery = async ({ cloud, tenant }: Table, dynamoUrl?: string): Promise<Child> => {
  const child = startChild(bundleOf('our-socket'), {
    environment: cloud.environment('query', dynamoUrl),
  })
  await child.ask('start', { key: tenant.admin })
  const options = { order_by: ['-id'], limit: PAGE }
  const rows = await child.ask<unknown[]>('ask', { method: 'api_key.query', params: [[], options] })
  if (rows.length !== PAGE) throw new Error(`${rows.length} rows`)
  return child
}

// ---------------------------------------------------------------------------------------------

const subject = (
  what: string,
  label: string,
  table: Table,
  start: (table: Table) => Promise<Child>,
): Subject => ({
  id: `${what}-${table.size}`,
  group: 'scale',
  label: `${label}, ${table.size.toLocaleString('en')} keys in the table`,
  by: 'process',
  start: async () => {
    const child = await start(table)
    return {
      measure: (seconds) => child.ask<Sample>('run', seconds),
      close: () => child.stop(),
    }
  },
})
