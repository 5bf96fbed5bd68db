/** Conditions of the advanced filter, and the query filters that they mean (docs/protocol/queries.md §6.1). */
import type { Filters, Operator } from '../../../client/index.ts'
import type { Readable } from './key-query.ts'

export type Kind = 'text' | 'flag' | 'moment'

/** By what keys are filtered; what isn't here is left out below. */
export const FIELDS = {
  name: { text: 'Name', kind: 'text' },
  username: { text: 'Username', kind: 'text' },
  revoked: { text: 'Revoked', kind: 'flag' },
  revoked_reason: { text: 'Reason', kind: 'text' },
  local: { text: 'Local', kind: 'flag' },
  created_at: { text: 'Created', kind: 'moment' },
  expires_at: { text: 'Expires', kind: 'moment' },
} as const satisfies Record<
  Exclude<Readable, 'id' | 'user_identifier'>,
  { text: string; kind: Kind }
>
export type Field = keyof typeof FIELDS

/** Operators of each kind of field: the service's, in words. */
export const OPERATORS = {
  text: {
    Crin: 'contains',
    Crnin: 'does not contain',
    '=': 'is',
    '!=': 'is not',
    '^': 'begins with',
    $: 'ends with',
    '~': 'matches pattern',
  },
  flag: { '=': 'is' },
  moment: { '<': 'before', '>=': 'on or after', '=': 'never' },
} as const satisfies Record<Kind, Partial<Record<Operator, string>>>

export type Condition = {
  readonly field: Field
  readonly operator: Operator
  readonly value: string
}

export const emptyCondition = (field: Field): Condition => {
  const { kind } = FIELDS[field]
  const operator = (Object.keys(OPERATORS[kind])[0] ?? '=') as Operator
  return { field, operator, value: kind === 'flag' ? 'true' : '' }
}

/** True if nothing needs to be typed for the condition to mean something. */
export const needsNoValue = ({ field, operator }: Condition): boolean =>
  FIELDS[field].kind === 'moment' && operator === '='

/** Conditions that aren't filled in yet are left out. */
export const toFilters = (conditions: readonly Condition[]): Filters =>
  conditions
    .filter((condition) => needsNoValue(condition) || isFilledIn(condition))
    .flatMap(toFilter)

// ---------------------------------------------------------------------------------------------

/** A browser's field for dates also takes years of six digits, which nothing else does. */
const isFilledIn = ({ field, value }: Condition): boolean =>
  FIELDS[field].kind === 'moment' ? /^\d{4}-\d\d-\d\d$/.test(value) : value !== ''

const toFilter = ({ field, operator, value }: Condition): Filters => {
  switch (FIELDS[field].kind) {
    case 'flag':
      return [[field, '=', value === 'true']]
    case 'moment': {
      if (operator === '=') return [[field, '=', null]]
      const midnight = new Date(`${value}T00:00:00`)
      // Null has no order: keys that never expire must not reach the comparison.
      return [
        [field, '!=', null],
        [`${field}.$date`, operator, midnight.toISOString()],
      ]
    }
    case 'text':
      return [[field, operator, value]]
  }
}
