/** Examples of query filters and options, for the documentation: each is carried out by a test, on the rows
 * that are told of below, and shown with what it was answered (query-answers.json). */

export type QueryExample = {
  /** What the example is about: an operator, an option, or a name of its own. */
  readonly of: string
  readonly text: string
  readonly method: 'api_key.query' | 'user.query'
  readonly filters: readonly unknown[]
  readonly options?: Readonly<Record<string, unknown>>
}

/** Users that there are beside the administrator, `admin`. */
export const SAMPLE_USERS = [
  { username: 'ada', full_name: 'Ada Lovelace', roles: ['READONLY_ADMIN'] },
  { username: 'grace', full_name: 'Grace Hopper', roles: ['API_KEY_WRITE', 'ACCOUNT_READ'] },
] as const

/** Keys, in the order in which they are made. */
export const SAMPLE_KEYS = [
  { name: 'backup', username: 'admin', expires_at: null, revoked: null },
  { name: 'Backup offsite', username: 'ada', expires_at: Date.UTC(2027, 0, 1), revoked: null },
  { name: 'metrics', username: 'ada', expires_at: Date.UTC(2027, 5, 1), revoked: 'laptop lost' },
  { name: 'nas.replication', username: 'grace', expires_at: null, revoked: null },
] as const

const names = { select: ['name'] }

const key = (
  of: string,
  text: string,
  filters: unknown[],
  options: object = names,
): QueryExample => ({
  of,
  text,
  method: 'api_key.query',
  filters,
  options: options as Record<string, unknown>,
})
const user = (of: string, text: string, filters: unknown[]): QueryExample => ({
  of,
  text,
  method: 'user.query',
  filters,
  options: { select: ['username', 'roles'] },
})

export const OPERATOR_EXAMPLES: readonly QueryExample[] = [
  key('=', 'The field is the value. Case counts.', [['name', '=', 'backup']]),
  key('!=', 'It is anything else.', [['name', '!=', 'backup']]),
  key('>', 'Numbers, dates, and text by its code points. Null has no order: see below.', [
    ['name', '>', 'backup'],
  ]),
  key('>=', 'As `>`, or equal.', [['name', '>=', 'metrics']]),
  key('<', 'Small letters come after capital ones.', [['name', '<', 'a']]),
  key('<=', 'As `<`, or equal.', [['name', '<=', 'backup']]),
  key('~', 'A pattern that fits from the beginning of the text; `(?i)` for either case.', [
    ['name', '~', '(?i)back.*site'],
  ]),
  key('in', 'The field is one of the values.', [['username', 'in', ['ada', 'grace']]]),
  key('nin', 'It is none of them. Null is never a match.', [['username', 'nin', ['ada', 'grace']]]),
  key('rin', 'The value is in the field: a part of a text …', [['name', 'rin', 'up']]),
  user('rin', '… or an item of a list.', [['roles', 'rin', 'ACCOUNT_READ']]),
  key('rnin', 'The value is not in the field.', [['name', 'rnin', 'up']]),
  key('^', 'The text begins so.', [['name', '^', 'back']]),
  key('!^', 'It doesn’t.', [['name', '!^', 'back']]),
  key('$', 'The text ends so.', [['name', '$', 'site']]),
  key('!$', 'It doesn’t.', [['name', '!$', 'site']]),
  key('C', 'A `C` before any operator but `~` makes both sides lower case first.', [
    ['name', 'C^', 'BACK'],
  ]),
  key('C', 'So `Crin` finds text anywhere, whatever its case.', [['name', 'Crin', 'BACKUP']]),
]

export const FILTER_EXAMPLES: readonly QueryExample[] = [
  key('and', 'All conditions of the list hold.', [
    ['name', 'Crin', 'backup'],
    ['username', '=', 'ada'],
  ]),
  key('OR', 'Any of the branches holds.', [
    [
      'OR',
      [
        ['name', '=', 'metrics'],
        ['username', '=', 'grace'],
      ],
    ],
  ]),
  key('nesting', 'A branch may be a list, all of which holds; ORs nest three deep.', [
    [
      'OR',
      [
        [
          ['username', '=', 'ada'],
          ['revoked', '=', false],
        ],
        ['name', '^', 'nas'],
      ],
    ],
  ]),
  key('null', '`=` and `!=` take null.', [['expires_at', '=', null]]),
  key(
    'order of conditions',
    'Null has no order: keep it away by a condition before the comparison.',
    [
      ['expires_at', '!=', null],
      ['expires_at', '<', { $date: Date.UTC(2027, 2, 1) }],
    ],
  ),
  key('.$date', 'A field with `.$date` behind it is compared with a moment as text (ISO 8601).', [
    ['expires_at', '!=', null],
    ['expires_at.$date', '>=', '2027-03-01T00:00:00Z'],
  ]),
  user('*', 'In a path, `*` is any item of a list, and a number is that one.', [
    ['roles.*', '^', 'API_KEY'],
  ]),
  user('places', 'The first role.', [['roles.0', '=', 'READONLY_ADMIN']]),
]

export const OPTION_EXAMPLES: readonly QueryExample[] = [
  key('select', 'Only these fields.', [['username', '=', 'ada']], { select: ['name', 'revoked'] }),
  key('select', 'A pair renames a field.', [['username', '=', 'ada']], {
    select: [['name', 'label']],
  }),
  key('order_by', 'Sorted by a field; `-` turns the order round.', [], {
    ...names,
    order_by: ['-name'],
  }),
  key('order_by', 'Of several fields the last counts most.', [], {
    select: ['username', 'name'],
    order_by: ['name', 'username'],
  }),
  key('order_by', 'Where a field may be null, say where nulls go.', [], {
    select: ['name', 'expires_at'],
    order_by: ['nulls_last:expires_at'],
  }),
  key('limit', 'So many rows at the most.', [], { ...names, order_by: ['name'], limit: 2 }),
  key('offset', 'So many rows are left out at the beginning.', [], {
    ...names,
    order_by: ['name'],
    offset: 3,
  }),
  key(
    'count',
    'The number of matches, whatever `limit` and `offset` say.',
    [['username', '=', 'ada']],
    { count: true },
  ),
  key('get', 'The first match alone; none is an error.', [['name', '=', 'metrics']], {
    ...names,
    get: true,
  }),
  key('extra', 'Options of single methods. This service has none.', [['name', '=', 'metrics']], {
    ...names,
    extra: {},
  }),
  key('force_sql_filters', 'Taken for compatibility, without effect.', [['name', '=', 'metrics']], {
    ...names,
    force_sql_filters: true,
  }),
]

export const FAILURES: readonly QueryExample[] = [
  key('no order', 'A comparison that meets null:', [['expires_at', '>', { $date: 0 }]]),
  key('unknown operator', 'An operator that there isn’t:', [['name', 'like', 'x']]),
  key('bad pattern', 'A pattern that is none:', [['name', '~', '(']]),
  key('get without a match', '`get` that finds nothing:', [['name', '=', 'nothing']], {
    get: true,
  }),
  key('get with limit', 'Options that exclude each other:', [], { get: true, limit: 5 }),
]

export const QUERY_EXAMPLES = [
  ...OPERATOR_EXAMPLES,
  ...FILTER_EXAMPLES,
  ...OPTION_EXAMPLES,
  ...FAILURES,
]

/** What an example was answered: as it stands on the wire, by position in QUERY_EXAMPLES. */
export type QueryAnswer = { readonly result: unknown } | { readonly error: unknown }
