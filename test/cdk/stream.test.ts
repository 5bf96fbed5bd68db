import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, expect, test } from 'vitest'
import { createFilter } from '../../local/assembly/event-filter.ts'
import { heardAs, READERS, type ReaderName } from '../../shared/store/heard.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import { itemKeyOf } from '../kit/item-keys.ts'
import { type Synthesised, synth } from './synth.ts'

let stack: Synthesised
beforeAll(() => {
  stack = synth()
})

const READS = [
  ['close', 'Close', 2],
  ['tell', 'Tell', 4],
] as const

test('two functions read the stream, no more than it carries', () => {
  expect(READS.map(([reader]) => reader)).toEqual(Object.keys(READERS))
  stack.service.resourceCountIs('AWS::Lambda::EventSourceMapping', READS.length)
})

test.each(READS)(
  '%s: a failing batch is halved, retried for an hour at the most, and then kept',
  (_, name, parallel) => {
    const deadLetters = Match.stringLikeRegexp(`^${name}DeadLetters`)
    stack.service.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: Match.stringLikeRegexp(`^${name}`) },
      EventSourceArn: { 'Fn::ImportValue': Match.stringLikeRegexp('Table.*StreamArn') },
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 10,
      MaximumRecordAgeInSeconds: 3600,
      ParallelizationFactor: parallel,
      StartingPosition: 'TRIM_HORIZON',
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [deadLetters, 'Arn'] } } },
    })
  },
)

test.each(Object.entries(itemKeyOf))('%s is heard of by who acts on it', (_, at) => {
  const kind = heardAs(at(7))
  const readers = Object.entries(READERS).filter(([, { hears }]) =>
    hears.some((one) => one === kind),
  )
  expect(heardBy('MODIFY', at(7))).toEqual(readers.map(([reader]) => reader))
})

test('no name is heard of that reads as another kind', () => {
  expect(heardBy('MODIFY', itemKey.keyName(7, 'CHECK'))).toEqual([])
})

test('a new key or user ends nothing, and a new key is told of', () => {
  const { check, user, key } = itemKeyOf
  expect([check, user, key].map((at) => heardBy('INSERT', at(7)))).toEqual([[], [], ['tell']])
  expect([check, user, key].map((at) => heardBy('REMOVE', at(7)))).toEqual([
    ['close'],
    ['close'],
    ['tell'],
  ])
})

/** Who is called for a change of an item, by Lambda's rules. */
const heardBy = (eventName: string, { sk }: { sk: string }): ReaderName[] => {
  const sources = Object.values(stack.service.findResources('AWS::Lambda::EventSourceMapping'))
  return READS.filter(([, name]) => {
    const { FilterCriteria } =
      sources.find(({ Properties }) => Properties.FunctionName.Ref.startsWith(name))?.Properties ??
      {}
    const patterns = FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) =>
      JSON.parse(Pattern),
    )
    return createFilter(patterns)({ eventName, dynamodb: { Keys: { sk: { S: sk } } } })
  }).map(([reader]) => reader)
}
