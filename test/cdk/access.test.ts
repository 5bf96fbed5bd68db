import { beforeAll, describe, expect, test } from 'vitest'
import { itemKey, PARTITIONS } from '../../shared/store/item-keys.ts'
import { FUNCTIONS, type Statement, type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth()
})

const all = (): Statement[] => FUNCTIONS.flatMap((name) => stack.statements(name))
const brief = ({ actions, resources, conditions }: Statement): string => {
  const { 'dynamodb:LeadingKeys': keys, 'dynamodb:Attributes': attributes } = {
    ...conditions['ForAllValues:StringLike'],
    ...conditions['ForAllValues:StringEquals'],
  }
  const on = [keys && `keys ${keys}`, attributes && `attributes ${attributes}`]
  return [actions.join(' '), `on ${resources.join(' ')}`, ...on].filter(Boolean).join(', ')
}

test('introspection reads keys, gates, signing keys and wrapped data keys, opens these, leases checks, notes devices, marks exposed keys and ends their sessions: no more', () => {
  expect(stack.statements('Introspect').map(brief).sort()).toEqual([
    'dynamodb:BatchGetItem, on Table.Arn, keys T#*#K#*,T#*#G#*',
    'dynamodb:BatchGetItem, on Table.Arn, keys T#*,SERVICE, attributes pk,sk,dataKeys',
    'dynamodb:PutItem, on Table.Arn, keys T#*#AUDIT#*',
    'dynamodb:Query, on Table.Arn, keys SIGNING',
    'dynamodb:Query, on Table.Arn, keys T#*#S#*',
    'dynamodb:UpdateItem, on Table.Arn, keys T#*#BUDGET, attributes pk,sk,leased,ttl',
    'dynamodb:UpdateItem, on Table.Arn, keys T#*#K#*, attributes pk,sk,seenAt',
    'dynamodb:UpdateItem, on Table.Arn, keys T#*#S#*, attributes pk,sk,session,ended',
    'dynamodb:UpdateItem, on Table.Arn, keys T#*, attributes pk,sk,rev,generation,revoked,former,expires,shard,expiresAt',
    'kms:Decrypt, on WrappingKey.Arn',
    'logs:CreateLogStream logs:PutLogEvents, on IntrospectLog.Arn',
    'xray:PutTelemetryRecords xray:PutTraceSegments, on *',
  ])
})

test.each([
  ['makes data keys', 'kms:GenerateDataKey', ['Http']],
  ['opens them', 'kms:Decrypt', ['Socket', 'Introspect', 'Sweep']],
  ['pushes', 'execute-api:ManageConnections', ['Socket', 'Close', 'Tell']],
  ['deletes', 'dynamodb:DeleteItem', ['Socket', 'Http', 'Close', 'Tell', 'Sweep']],
  ['reads the stream', 'dynamodb:GetRecords', ['Close', 'Tell']],
  ['keeps dead letters', 'sqs:SendMessage', ['Close', 'Tell', 'Sweep']],
])('who %s', (_, action, who) => {
  const may = FUNCTIONS.filter((name) =>
    stack.statements(name).some(({ actions }) => actions.includes(action)),
  )
  expect(may).toEqual(who)
})

test('the sweep alone reads the expiry index', () => {
  const may = FUNCTIONS.filter((name) =>
    stack.statements(name).some(({ resources }) => resources.includes('Table.Arn/index/expiry')),
  )
  expect(may).toEqual(['Sweep'])
})

test('the sweep alone makes signing keys, and the function of all else sees none', () => {
  const on = (name: (typeof FUNCTIONS)[number]) =>
    stack
      .statements(name)
      .map(brief)
      .filter((text) => text.includes('SIGNING'))
      .map((text) => text.replaceAll('dynamodb:', '').replace(', on Table.Arn, keys SIGNING', ''))
  expect(Object.fromEntries(FUNCTIONS.map((name) => [name, on(name)]))).toEqual({
    Socket: [],
    Introspect: ['Query'],
    Http: [],
    Close: [],
    Tell: [],
    Sweep: ['Query', 'PutItem', 'DeleteItem'],
  })
})

test('nobody may scan, write in bulk past the store, or anything by wildcard', () => {
  const actions = all().flatMap(({ actions }) => actions)
  expect(
    actions.filter((action) => /\*|Scan|PartiQL|BatchWrite|^dynamodb:Get/.test(action)),
  ).toEqual(
    // Of the stream, not of the table: of each of its two readers.
    ['GetRecords', 'GetShardIterator', 'GetRecords', 'GetShardIterator'].map(
      (action) => `dynamodb:${action}`,
    ),
  )
})

test('whatever is allowed on the table is fenced to partitions, and asks that a request names them', () => {
  for (const { resources, conditions } of all().filter(({ resources }) =>
    resources.includes('Table.Arn'),
  )) {
    expect(resources).toEqual(['Table.Arn'])
    expect(conditions['ForAllValues:StringLike']).toHaveProperty(['dynamodb:LeadingKeys'])
    expect(conditions.Null).toHaveProperty(['dynamodb:LeadingKeys'], 'false')
  }
})

test('a fence of attributes asks that they are named, and that no more comes back', () => {
  const fenced = all().filter(({ conditions }) => conditions['ForAllValues:StringEquals'])
  expect(fenced.map(({ sid }) => sid)).toEqual([
    'ReadDataKeys',
    'RevokeExposedKeys',
    'EndSessions',
    'NoteDevices',
    'LeaseChecks',
    'SuspendTenant',
    'FinishChange',
    'TakeOverChange',
    'ReadDataKey',
  ])
  for (const { conditions } of fenced) {
    expect(conditions.Null).toHaveProperty(['dynamodb:Attributes'], 'false')
    expect(conditions.StringEqualsIfExists).toEqual({
      'dynamodb:ReturnValues': ['NONE', 'UPDATED_OLD', 'UPDATED_NEW'],
    })
  }
})

test("data keys open in the service's own encryption context only", () => {
  for (const { actions, conditions } of all())
    if (actions.some((action) => action.startsWith('kms:')))
      expect(conditions).toEqual({
        StringEquals: { 'kms:EncryptionContext:service': 'keyharbor' },
      })
})

test.each(['Close', 'Tell'] as const)(
  '%s sends to sockets and closes them, on this API and stage only',
  (name) => {
    const [push] = stack.statements(name).filter(({ sid }) => sid === 'Push')
    expect(push?.resources).toEqual(
      ['DELETE', 'POST'].map(
        (way) => `arn:Partition:execute-api:Region:AccountId:SocketApi/api/${way}/@connections/*`,
      ),
    )
  },
)

describe('the patterns of partitions', () => {
  const matches = (pattern: string, pk: string): boolean =>
    new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(pk)
  const key = { tenant: 7, n: 1 }
  const where = {
    service: itemKey.directory(7),
    signing: itemKey.signingKey(1),
    slug: itemKey.slug('acme'),
    tenant: itemKey.user(7, 'admin'),
    checked: itemKey.check(key),
    gate: itemKey.gate(7, 15),
    audit: itemKey.audit(7, 0, '01ARZ3NDEKTSV4RRFFQ69G5FAV'),
    budget: itemKey.budget(7, 'checks', 1),
    once: itemKey.once(null, 'abc'),
    sessions: itemKey.session(7, { principal: 'U000000001', holder: 'P' }, 'abc='),
    subscriptions: itemKey.subscription(7, 'api_key.query', 'abc=', 'id'),
    connection: itemKey.connection('abc='),
  }
  test.each(Object.entries(PARTITIONS))('%s', (kind, pattern) => {
    const inside = Object.entries(where).filter(([, { pk }]) => matches(pattern, pk))
    const below =
      kind === 'tenant'
        ? ['tenant', 'checked', 'gate', 'audit', 'budget', 'sessions', 'subscriptions']
        : [kind]
    expect(inside.map(([name]) => name)).toEqual(below)
  })
})

test('says where the APIs are', () => {
  expect(Object.keys(stack.service.toJSON().Outputs)).toEqual(
    expect.arrayContaining(['SocketUrl', 'HttpUrl']),
  )
})
