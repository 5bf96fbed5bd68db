import { describe, expect, test } from 'vitest'
import type { Statement } from '../cdk/synth.ts'
import { allows, like, type Request } from './iam.ts'

const statement: Statement = {
  sid: 'Read',
  effect: 'Allow',
  actions: ['dynamodb:BatchGetItem'],
  resources: ['Table.Arn'],
  conditions: {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['T#*'] },
    'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['pk', 'dataKeys'] },
    Null: { 'dynamodb:LeadingKeys': 'false', 'dynamodb:Attributes': 'false' },
  },
}
const request: Request = {
  action: 'dynamodb:BatchGetItem',
  resource: 'Table.Arn',
  context: { 'dynamodb:LeadingKeys': ['T#7', 'T#8'], 'dynamodb:Attributes': ['dataKeys'] },
}

test('a request inside the fence is allowed', () => {
  expect(allows(statement, request)).toBe(true)
})

describe('one outside is not', () => {
  const { context } = request
  test.each<[string, Partial<Request>]>([
    ['another action', { action: 'dynamodb:Query' }],
    ['another resource', { resource: 'Table.Arn/index/expiry' }],
    [
      'a partition among others',
      { context: { ...context, 'dynamodb:LeadingKeys': ['T#7', 'C#x'] } },
    ],
    ['an attribute', { context: { ...context, 'dynamodb:Attributes': ['dataKeys', 'users'] } }],
    ['no attributes named: all', { context: { 'dynamodb:LeadingKeys': ['T#7'] } }],
    ['no partitions named', { context: { 'dynamodb:Attributes': ['pk'] } }],
  ])('%s', (_, change) => {
    expect(allows(statement, { ...request, ...change })).toBe(false)
  })
})

test('a single value must be there, and be the one', () => {
  const key: Statement = {
    ...statement,
    conditions: { StringEquals: { 'kms:EncryptionContext:service': 'keyharbor' } },
  }
  const ask = (values?: string[]) =>
    allows(key, {
      ...request,
      context: values ? { 'kms:EncryptionContext:service': values } : {},
    })
  expect([ask(['keyharbor']), ask(['other']), ask()]).toEqual([true, false, false])
})

test('what it does not know it does not judge', () => {
  const strange = { ...statement, conditions: { IpAddress: { 'aws:SourceIp': '192.0.2.1' } } }
  expect(() => allows(strange, request)).toThrow('IpAddress')
  expect(() => allows({ ...statement, effect: 'Deny' }, request)).toThrow('Deny')
})

test('wildcards are the only special characters', () => {
  expect(like('a.c*', 'abc')).toBe(false)
  expect(like('T#*#K#*', 'T#7#K#1')).toBe(true)
  expect(like('T#?', 'T#77')).toBe(false)
})
