import { readdirSync } from 'node:fs'
import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, expect, test } from 'vitest'
import { contextOf } from '../../shared/crypto/vault.ts'
import { FUNCTIONS, read, type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth()
})

const on = (resource: string, ...actions: string[]) => actions.map((at) => `${at} on ${resource}`)
const READ = on('Table.Arn', 'dynamodb:BatchGetItem', 'dynamodb:Query')
const ADD = on('Table.Arn', 'dynamodb:ConditionCheckItem', 'dynamodb:PutItem')
const CHANGE = on('Table.Arn', 'dynamodb:DeleteItem', 'dynamodb:UpdateItem')
const UNWRAP = on('WrappingKey.Arn', 'kms:Decrypt')
const WRAP = on('WrappingKey.Arn', 'kms:GenerateDataKey')
const PUSH = on(
  'arn:Partition:execute-api:Region:AccountId:SocketApi/api/*/@connections/*',
  'execute-api:ManageConnections',
)
const sendTo = (queue: string) =>
  on(`${queue}.Arn`, 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage')

test('sockets read and write the table, unwrap data keys and push', () => {
  expect(stack.allowed('Socket')).toEqual([...READ, ...ADD, ...CHANGE, ...UNWRAP, ...PUSH].sort())
})

test('HTTP reads and writes the table, unwraps data keys, and makes those of new tenants', () => {
  expect(stack.allowed('Http')).toEqual([...READ, ...ADD, ...CHANGE, ...UNWRAP, ...WRAP].sort())
})

test('the fan-out reads the stream, pushes and tidies up, but adds nothing and opens no secret', () => {
  const STREAM = on(
    'Table.StreamArn',
    ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
      (action) => `dynamodb:${action}`,
    ),
  )
  expect(stack.allowed('Fanout')).toEqual(
    [...STREAM, ...READ, ...CHANGE, ...PUSH, ...sendTo('FanoutDeadLetters')].sort(),
  )
})

test('the sweep alone reads the expiry index, and opens no secret', () => {
  const DUE = on('Table.Arn/index/expiry', 'dynamodb:Query')
  expect(stack.allowed('Sweep')).toEqual(
    [...DUE, ...READ, ...ADD, ...CHANGE, ...sendTo('SweepDeadLetters')].sort(),
  )
})

test('nobody may scan the table', () => {
  const policies = JSON.stringify(stack.template.findResources('AWS::IAM::Policy'))
  expect(policies).not.toMatch(/dynamodb:(Scan|PartiQL|\*)/)
})

test("data keys open in the service's own encryption context only", () => {
  const { service } = contextOf(1)
  const made = { Socket: 'kms:Decrypt', Http: ['kms:Decrypt', 'kms:GenerateDataKey'] }
  for (const [name, Action] of Object.entries(made))
    stack.template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyName: Match.stringLikeRegexp(`^${name}`),
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action,
            Effect: 'Allow',
            Resource: Match.anyValue(),
            Condition: { StringEquals: { 'kms:EncryptionContext:service': service } },
          },
        ]),
      },
    })
})

test('every command that shared/ sends to DynamoDB and KMS is one that is allowed', () => {
  const sent = readdirSync(`${import.meta.dirname}/../../shared`, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...read('shared', file).matchAll(/new (\w+)Command\(/g)])
    .map(([, command]) => command)
  // A transaction is allowed by the writes in it; the last two go to API Gateway.
  const others = ['TransactWriteItems', 'PostToConnection', 'DeleteConnection']
  const allowed = FUNCTIONS.flatMap((name) => stack.allowed(name)).map(
    (line) => /:(\w+) /.exec(line)?.[1],
  )
  expect(sent).toContain('BatchGetItem')
  expect([...others, ...allowed]).toEqual(expect.arrayContaining(sent))
})

test('says where the APIs are', () => {
  expect(Object.keys(stack.template.toJSON().Outputs)).toEqual(['SocketUrl', 'HttpUrl'])
})
