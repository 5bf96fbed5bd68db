/** The advanced filter against the service's own query: what its words mean. */
import { expect, it } from 'vitest'
import {
  type Condition,
  emptyCondition,
  FIELDS,
  type Field,
  OPERATORS,
  toFilters,
} from '../../portal/src/keys/advanced.ts'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { runQuery } from '../../shared/domain/query/query.ts'

const ROWS = [
  { id: 1, name: 'Backup', username: 'admin', revoked: false, expires_at: null },
  {
    id: 2,
    name: 'Old backup',
    username: null,
    revoked: true,
    revoked_reason: 'lost',
    expires_at: new Date('2026-05-01T12:00:00'),
  },
  {
    id: 3,
    name: 'metrics',
    username: 'ada',
    revoked: false,
    expires_at: new Date('2026-06-01T00:00:00'),
  },
].map((row) => ({ revoked_reason: null, local: true, created_at: new Date(0), ...row }))

const found = (...conditions: Condition[]): unknown[] => {
  const filters = QueryFilters.parse(toFilters(conditions))
  return (runQuery(ROWS, filters, QueryOptions.parse({})) as { id: number }[]).map(({ id }) => id)
}

it.each<[string, Condition, number[]]>([
  ['contains', { field: 'name', operator: 'Crin', value: 'BACK' }, [1, 2]],
  ['does not contain', { field: 'name', operator: 'Crnin', value: 'back' }, [3]],
  ['is', { field: 'name', operator: '=', value: 'metrics' }, [3]],
  ['is not', { field: 'username', operator: '!=', value: 'ada' }, [1, 2]],
  ['begins with', { field: 'name', operator: '^', value: 'Back' }, [1]],
  ['ends with', { field: 'name', operator: '$', value: 'backup' }, [2]],
  ['matches pattern', { field: 'name', operator: '~', value: '.*[bB]ackup' }, [1, 2]],
  ['revoked: yes', { field: 'revoked', operator: '=', value: 'true' }, [2]],
  ['revoked: no', { field: 'revoked', operator: '=', value: 'false' }, [1, 3]],
  ['a reason', { field: 'revoked_reason', operator: 'Crin', value: 'LOST' }, [2]],
  ['expires before', { field: 'expires_at', operator: '<', value: '2026-06-01' }, [2]],
  ['expires on or after', { field: 'expires_at', operator: '>=', value: '2026-06-01' }, [3]],
  ['never expires', { field: 'expires_at', operator: '=', value: '' }, [1]],
])('%s', (_, condition, ids) => {
  expect(found(condition)).toEqual(ids)
})

it('all hold', () => {
  expect(
    found(
      { field: 'name', operator: 'Crin', value: 'backup' },
      { field: 'revoked', operator: '=', value: 'false' },
    ),
  ).toEqual([1])
})

it('is left out while it isn’t filled in', () => {
  expect(found(emptyCondition('name'), emptyCondition('expires_at'))).toEqual([1, 2, 3])
})

it('has no operator that the service refuses', () => {
  for (const field of Object.keys(FIELDS) as Field[])
    for (const operator of Object.keys(OPERATORS[FIELDS[field].kind])) {
      const condition = { ...emptyCondition(field), operator, value: '2026-06-01' } as Condition
      expect(() => found(condition)).not.toThrow()
    }
})
