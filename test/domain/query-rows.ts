/** Rows and short forms for the tests of queries. */
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { runQuery } from '../../shared/domain/query/query.ts'

export const at = (text: string): Date => new Date(text)

/** Five keys: `note` is null in the fourth and missing in the fifth. */
export const KEYS = [
  {
    id: 1,
    name: 'Backup',
    note: 'nightly',
    made: at('2026-01-01T00:00:00Z'),
    tags: ['nas', 'prod'],
    owner: { name: 'root', 'mail.home': 'r@example.org' },
    hosts: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }],
  },
  {
    id: 2,
    name: 'backup-2',
    note: 'weekly',
    made: at('2026-02-01T00:00:00Z'),
    tags: ['lab'],
    owner: { name: 'anna' },
    hosts: [{ ip: '10.0.0.2' }],
  },
  {
    id: 3,
    name: 'web',
    note: '',
    made: at('2026-03-01T00:00:00Z'),
    tags: [],
    owner: { name: 'root' },
    hosts: [],
  },
  {
    id: 4,
    name: 'Straße',
    note: null,
    made: at('2026-03-01T00:00:00Z'),
    tags: ['prod'],
    owner: null,
    hosts: [{}],
  },
  { id: 5, name: 'zeta', made: at('2026-04-01T00:00:00Z'), tags: ['NAS'], owner: { name: 'anna' } },
] as const

export const query = (
  rows: readonly object[],
  filters: readonly unknown[],
  options: object = {},
): unknown => runQuery(rows, QueryFilters.parse(filters), QueryOptions.parse(options))

/** The ids of the {@link KEYS} that match. */
export const ids = (...filters: readonly unknown[]): number[] => idsOf(query(KEYS, filters))

export const idsOf = (rows: unknown): number[] =>
  Array.isArray(rows) ? rows.map((row: { id: number }) => row.id) : []

/** The one thing that a schema has against a value. */
export const refusal = (
  schema: typeof QueryFilters | typeof QueryOptions,
  value: unknown,
): { path: PropertyKey[]; message: string } | undefined => {
  const [issue, ...more] = schema.safeParse(value).error?.issues ?? []
  if (more.length > 0) throw new Error('more than one issue')
  return issue && { path: issue.path, message: issue.message }
}
