/**
 * The examples of the page on query methods: each is run against the service by a test, which keeps the
 * answers in `test/docs/recorded/query-results.json` (`npm run examples`). As they stand on the wire.
 */

export type QueryExample = {
  /** What it shows: an operator or an option, one of each at least, or a subject, as its heading. */
  readonly shows: string
  readonly about: string
  readonly method: 'api_key.query' | 'user.query' | 'auth.sessions'
  readonly filters: readonly unknown[]
  readonly options?: Readonly<Record<string, unknown>>
}

/** Keys that the examples run on, in the order in which they are made. */
export const SAMPLE_KEYS = [
  { name: 'backup', username: 'ada', expires: Date.UTC(2027, 0, 1) },
  { name: 'Backup 2', username: 'ben', expires: null },
  { name: 'nas-01', username: 'ada', expires: null },
  { name: 'nas-02', username: 'ben', expires: Date.UTC(2027, 5, 1), revoked: 'laptop lost' },
  { name: 'monitor', username: 'ada', expires: Date.UTC(2026, 11, 24) },
] as const

/** Users beside the administrator. */
export const SAMPLE_USERS = [
  { username: 'ada', full_name: 'Ada', roles: ['API_KEY_READ', 'API_KEY_WRITE'] },
  { username: 'ben', full_name: 'Ben', roles: ['READONLY_ADMIN'] },
] as const

const names = { select: ['name'] }
const ownerless = { select: ['name', 'username'] }

const key = (
  shows: string,
  about: string,
  filters: readonly unknown[],
  options: Readonly<Record<string, unknown>> = names,
): QueryExample => ({ shows, about, method: 'api_key.query', filters, options })

export const OPERATOR_EXAMPLES: readonly QueryExample[] = [
  key('=', 'is equal. 1 and true are equal, 1 and "1" are not', [['username', '=', 'ben']]),
  key('!=', 'is not equal', [['username', '!=', 'ada']]),
  key('>', 'is greater; texts by their code points', [['name', '>', 'monitor']]),
  key('>=', 'is greater or equal', [['name', '>=', 'monitor']]),
  key('<', 'is less', [['id', '<', 1000000003]]),
  key('<=', 'is less or equal', [['id', '<=', 1000000003]]),
  key('in', 'is one of the values in the list', [['name', 'in', ['backup', 'nas-01']]]),
  key('nin', 'is none of them; null never matches', [['name', 'nin', ['backup', 'nas-01']]]),
  {
    ...key('rin', 'the field, a list or a text, contains the value', [
      ['roles', 'rin', 'API_KEY_WRITE'],
    ]),
    method: 'user.query',
    options: { select: ['username', 'roles'] },
  },
  key('rnin', 'the field, a list or a text, does not contain the value', [['name', 'rnin', 'nas']]),
  key('^', 'begins with', [['name', '^', 'nas-']]),
  key('!^', 'does not begin with', [['name', '!^', 'nas-']]),
  key('$', 'ends with', [['name', '$', '2']]),
  key('!$', 'does not end with', [['name', '!$', '2']]),
  key('~', 'begins with a match of the regular expression (RE2 syntax)', [
    ['name', '~', '.*-0[12]'],
  ]),
]

/** The `C` forms: one for each operator that has one. */
export const FOLDED_EXAMPLES: readonly QueryExample[] = [
  key('C=', 'is equal', [['name', 'C=', 'BACKUP']]),
  key('C!=', 'is not equal', [['name', 'C!=', 'BACKUP']]),
  key('C>', 'is greater', [['name', 'C>', 'MONITOR']]),
  key('C>=', 'is greater or equal', [['name', 'C>=', 'MONITOR']]),
  key('C<', 'is less', [['name', 'C<', 'MONITOR']]),
  key('C<=', 'is less or equal', [['name', 'C<=', 'MONITOR']]),
  key('Cin', 'is one of the values', [['name', 'Cin', ['BACKUP', 'NAS-01']]]),
  key('Cnin', 'is none of them', [['name', 'Cnin', ['BACKUP', 'NAS-01']]]),
  {
    ...key('Crin', 'contains', [['roles', 'Crin', 'api_key_write']]),
    method: 'user.query',
    options: { select: ['username', 'roles'] },
  },
  key('Crnin', 'does not contain', [['name', 'Crnin', 'NAS']]),
  key('C^', 'begins with', [['name', 'C^', 'BACK']]),
  key('C!^', 'does not begin with', [['name', 'C!^', 'BACK']]),
  key('C$', 'ends with', [['name', 'C$', 'UP']]),
  key('C!$', 'does not end with', [['name', 'C!$', 'UP']]),
]

export const OPTION_EXAMPLES: readonly QueryExample[] = [
  key('select', 'two fields, one of them under another name', [['username', '=', 'ben']], {
    select: ['id', ['name', 'title']],
  }),
  key('order_by', 'by user, and by name downwards within a user: the last key counts most', [], {
    select: ['name', 'username'],
    order_by: ['-name', 'username'],
  }),
  key('order_by', 'nulls need a place: keys that never expire come last', [], {
    select: ['name', 'expires_at'],
    order_by: ['nulls_last:expires_at'],
  }),
  key('limit', 'the first two', [], { ...names, order_by: ['name'], limit: 2 }),
  key('offset', 'the two after those: the second page', [], {
    ...names,
    order_by: ['name'],
    offset: 2,
    limit: 2,
  }),
  key('count', 'how many match', [['username', '=', 'ada']], { count: true }),
  key('get', 'the first match alone, not in a list', [['name', '=', 'monitor']], {
    ...ownerless,
    get: true,
  }),
  key('extra', 'is taken, and has no effect', [['name', '=', 'monitor']], { ...names, extra: {} }),
  key('force_sql_filters', 'is taken, and has no effect', [['name', '=', 'monitor']], {
    ...names,
    force_sql_filters: true,
  }),
]

export const SUBJECT_EXAMPLES: readonly QueryExample[] = [
  key('Several conditions', 'Several conditions all hold.', [
    ['username', '=', 'ada'],
    ['name', '^', 'nas'],
  ]),
  key('OR', 'OR holds where one of its branches does.', [
    [
      'OR',
      [
        ['name', '=', 'monitor'],
        ['revoked', '=', true],
      ],
    ],
  ]),
  key('OR, nested', 'A branch that is a list of conditions holds where all of them do; ORs nest.', [
    [
      'OR',
      [
        [
          ['username', '=', 'ada'],
          [
            'OR',
            [
              ['name', '^', 'nas'],
              ['name', '^', 'mon'],
            ],
          ],
        ],
        ['name', '=', 'Backup 2'],
      ],
    ],
  ]),
  {
    ...key('Fields within fields', 'Dots lead into objects.', [
      ['credentials_data.username', '=', 'admin'],
    ]),
    method: 'auth.sessions',
    options: { select: ['current', 'credentials_data.username'] },
  },
  {
    ...key('Any element of a list', '* is any element of a list.', [['roles.*', '^', 'READONLY']]),
    method: 'user.query',
    options: { select: ['username'] },
  },
  {
    ...key('A place in a list', 'A number is the place in a list, from 0.', [
      ['roles.1', '=', 'API_KEY_WRITE'],
    ]),
    method: 'user.query',
    options: { select: ['username'] },
  },
  key('Null', 'Null is a value: keys that never expire.', [['expires_at', '=', null]]),
  key(
    'Fields that are not there',
    'A field that the row does not have never matches, not even with !=.',
    [['colour', '!=', 'red']],
  ),
  key(
    'Dates',
    'A field of dates compares with a date in its extended form. Null has no order, so it is taken out first: conditions are tried from left to right.',
    [
      ['expires_at', '!=', null],
      ['expires_at', '<', { $date: 1798761600000 }],
    ],
  ),
  key(
    'Dates as texts: .$date',
    'With .$date behind the field, the value may be an ISO 8601 text.',
    [
      ['expires_at', '!=', null],
      ['expires_at.$date', '>=', '2027-01-01T00:00:00Z'],
    ],
  ),
  key('Patterns and case', 'A pattern has its own way to tell no case apart.', [
    ['name', '~', '(?i)backup'],
  ]),
]

/** Queries that are refused, with the refusal. */
export const REFUSED_EXAMPLES: readonly QueryExample[] = [
  key('operator', 'An operator that does not exist', [['name', 'like', 'nas']]),
  key('folded-pattern', '~ has no C form', [['name', 'C~', 'nas']]),
  key('items', 'A condition with too many items', [['name', '=', 'a', 'b']]),
  key('or-empty', 'OR without a branch', [['OR', []]]),
  key('depth', 'ORs nested deeper than three', [
    ['OR', [['OR', [['OR', [['OR', [['name', '=', 'nas-01']]]]]]]]],
  ]),
  key('pattern', 'A pattern with look-around, which RE2 does not have', [['name', '~', '(?=nas)']]),
  key('pattern-size', 'A pattern that is large once its repetitions are written out', [
    ['name', '~', '(nas-[0-9]{1,4}){1,300}'],
  ]),
  key('dated-operator', 'An operator that dates do not have', [['expires_at.$date', '^', '2027']]),
  key('dated-text', 'A text that is no date', [['expires_at.$date', '<', 'tomorrow']]),
  key('get-and-limit', 'get with limit', [], { get: true, limit: 2 }),
  key('limit', 'A limit above the greatest', [], { limit: 10001 }),
  key('unknown-option', 'An option that does not exist', [], { sort: ['name'] }),
  key('no-match', 'get without a match', [['name', '=', 'nobody']], { get: true }),
  key('no-order', 'Null has no order', [['expires_at', '<', { $date: 1798761600000 }]]),
  key('null-order', 'Sorting nulls without a place for them', [], { order_by: ['expires_at'] }),
]

export const QUERY_EXAMPLES: readonly QueryExample[] = [
  ...OPERATOR_EXAMPLES,
  ...FOLDED_EXAMPLES,
  ...OPTION_EXAMPLES,
  ...SUBJECT_EXAMPLES,
  ...REFUSED_EXAMPLES,
]

/** A name for its answer in the file of answers. */
export const idOf = ({ method, filters, options = {} }: QueryExample): string =>
  `${method} ${JSON.stringify(filters)} ${JSON.stringify(options)}`
