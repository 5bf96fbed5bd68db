/** Requests of DynamoDB as the actions that IAM is asked about. */
import { describe, expect, it } from 'vitest'
import { actionsOf } from '../../../local/record/dynamodb.ts'
import { attributesOf } from '../../../local/record/expressions.ts'

const key = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } })

describe('a request', () => {
  it('to read several items is one action with all their keys', () => {
    const Keys = [key('T#2', 'META'), key('T#1#K#5', 'CHECK'), key('T#3', 'META')]
    expect(actionsOf('BatchGetItem', { RequestItems: { keyharbor: { Keys } } })).toEqual([
      {
        action: 'dynamodb:BatchGetItem',
        operation: 'BatchGetItem',
        resource: 'table',
        leadingKeys: ['T#<n>', 'T#<n>#K#<n>'],
        sortKeys: ['CHECK', 'META'],
        attributes: ['pk', 'sk'],
      },
    ])
  })

  it('to write in a transaction is one action for each item', () => {
    const TransactItems = [
      { Put: { Item: { ...key('T#1', 'NAME#x'), n: { N: '5' } } } },
      {
        Update: {
          Key: key('T#1#K#5', 'CHECK'),
          UpdateExpression: 'SET #sealed = :set_sealed, #a.#b = :x REMOVE #shard ADD #rev :one',
          ConditionExpression: 'attribute_exists(#pk) AND #generation = :generation',
          ExpressionAttributeNames: {
            '#sealed': 'sealed',
            '#shard': 'shard',
            '#rev': 'rev',
            '#pk': 'pk',
            '#generation': 'generation',
            '#a': 'a',
            '#b': 'b',
          },
          ExpressionAttributeValues: { ':set_sealed': { B: 'c2VjcmV0' } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      { Delete: { Key: key('C#x=', 'CONN') } },
      { ConditionCheck: { Key: key('T#1', 'META'), ConditionExpression: 'attribute_exists(pk)' } },
    ]
    const actions = actionsOf('TransactWriteItems', { TransactItems })
    expect(actions.map(({ action }) => action)).toEqual([
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    ])
    expect(actions[0]).toMatchObject({ sortKeys: ['NAME#<name>'], attributes: ['n', 'pk', 'sk'] })
    expect(actions[1]).toEqual({
      action: 'dynamodb:UpdateItem',
      operation: 'TransactWriteItems',
      resource: 'table',
      leadingKeys: ['T#<n>#K#<n>'],
      sortKeys: ['CHECK'],
      attributes: ['a', 'generation', 'pk', 'rev', 'sealed', 'shard', 'sk'],
      returnValuesOnFailure: 'ALL_OLD',
    })
    expect(JSON.stringify(actions)).not.toContain('c2VjcmV0')
  })

  it('to query says which partition, and how the sort key begins', () => {
    const [action] = actionsOf('Query', {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ProjectionExpression: 'pk, #n',
      ExpressionAttributeNames: { '#n': 'name' },
      ExpressionAttributeValues: { ':pk': { S: 'T#4' }, ':prefix': { S: 'OWN#000000001#' } },
      Select: 'SPECIFIC_ATTRIBUTES',
    })
    expect(action).toEqual({
      action: 'dynamodb:Query',
      operation: 'Query',
      resource: 'table',
      leadingKeys: ['T#<n>'],
      sortKeys: ['OWN#<n>#*'],
      attributes: ['name', 'pk', 'sk'],
      select: 'SPECIFIC_ATTRIBUTES',
    })
  })

  it('to query an index names it, and its keys', () => {
    const [action] = actionsOf('Query', {
      IndexName: 'expiry',
      KeyConditionExpression: '#shard = :shard AND #due <= :now',
      ExpressionAttributeNames: { '#shard': 'shard', '#due': 'expiresAt' },
      ExpressionAttributeValues: { ':shard': { S: '12' }, ':now': { N: '99' } },
    })
    expect(action).toMatchObject({
      resource: 'index/expiry',
      leadingKeys: ['<n>'],
      attributes: ['expiresAt', 'shard'],
    })
    expect(action).not.toHaveProperty('sortKeys')
  })

  it('alone says what it wants back', () => {
    const input = {
      Key: key('T#1', 'META'),
      UpdateExpression: 'ADD #k :k',
      ReturnValues: 'ALL_NEW',
    }
    expect(
      actionsOf('UpdateItem', { ...input, ExpressionAttributeNames: { '#k': 'keys' } }),
    ).toMatchObject([{ returnValues: 'ALL_NEW', attributes: ['keys', 'pk', 'sk'] }])
  })

  it('that names no key has none', () => {
    const [action] = actionsOf('Scan', { TableName: 'keyharbor' })
    expect(action).toEqual({
      action: 'dynamodb:Scan',
      operation: 'Scan',
      resource: 'table',
      attributes: [],
    })
  })
})

it.each([
  ['SET a = if_not_exists(b, :c) REMOVE d[0].e', ['a', 'b', 'd']],
  ['NOT contains(#x, :y) AND size(z) BETWEEN :a AND :b', ['real', 'z']],
])('%s names %j', (expression, names) => {
  expect(attributesOf({ '#x': 'real' }, expression)).toEqual(names)
})
