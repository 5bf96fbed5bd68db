import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, expect, test } from 'vitest'
import { place } from '../../shared/store/places.ts'
import { type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth()
})

test('a failing batch is halved, retried for an hour at the most, and then kept', () => {
  stack.service.resourceCountIs('AWS::Lambda::EventSourceMapping', 1)
  stack.service.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    FunctionName: { Ref: Match.stringLikeRegexp('^Fanout') },
    EventSourceArn: { 'Fn::ImportValue': Match.stringLikeRegexp('Table.*StreamArn') },
    BisectBatchOnFunctionError: true,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    MaximumRetryAttempts: 10,
    MaximumRecordAgeInSeconds: 3600,
    StartingPosition: 'TRIM_HORIZON',
    DestinationConfig: {
      OnFailure: {
        Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FanoutDeadLetters'), 'Arn'] },
      },
    },
  })
})

test('hears of keys and users, and of nothing else', () => {
  const key = { tenant: 7, n: 1 }
  expect([place.key(key), place.check(key), place.user(7, 'admin')].map(heard)).toEqual([
    true,
    true,
    true,
  ])
  const others = [
    place.tenant(7),
    place.keyName(7, 'CHECK'),
    place.owned(key, 1),
    place.audit(7, 0, '01ARZ3NDEKTSV4RRFFQ69G5FAV'),
    place.connection('abc='),
    place.session(7, { principal: 'U1', holder: 'K1' }, 'abc='),
    place.subscription(7, 'api_key.query', 'abc=', 'id'),
    place.token({ tenant: 7, session: 'id', slot: 0 }),
  ]
  expect(others.filter(heard)).toEqual([])
})

/** Lambda's rule for the one pattern that there is: any of the literals and prefixes. */
const heard = ({ sk }: { sk: string }): boolean => {
  const [mapping] = Object.values(
    stack.service.findResources('AWS::Lambda::EventSourceMapping'),
  ).map(({ Properties }) => Properties.FilterCriteria.Filters)
  const [filter, ...rest] = mapping
  expect(rest).toEqual([])
  const rules: (string | { prefix: string })[] = JSON.parse(filter.Pattern).dynamodb.Keys.sk.S
  return rules.some((rule) => (typeof rule === 'string' ? rule === sk : sk.startsWith(rule.prefix)))
}
