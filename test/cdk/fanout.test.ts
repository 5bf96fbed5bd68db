import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, expect, test } from 'vitest'
import { heardAs, itemKey } from '../../shared/store/item-keys.ts'
import { itemKeyOf } from '../kit/item-keys.ts'
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

test.each(Object.entries(itemKeyOf))('hears of %s if the fan-out acts on it', (_, at) => {
  expect(heard(at(7))).toBe(heardAs(at(7)) !== null)
})

test('hears of no name that reads as another kind', () => {
  expect(heard(itemKey.keyName(7, 'CHECK'))).toBe(false)
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
