/**
 * Each function's policies against the AWS calls that the e2e tests made it make, as recorded on the
 * wire. Runs behind them: `npx vitest run --project e2e-bundled --project policy`.
 */
import { existsSync } from 'node:fs'
import { describe, expect, inject, test } from 'vitest'
import { type AwsCall, readRecord } from '../../local/record/record.ts'
import { FUNCTIONS, type Statement, synth } from '../cdk/synth.ts'
import { judge, type Policies } from './judge.ts'

/** Only by chance used while it is driven, and why it is needed. */
const SOMETIMES: readonly (readonly [RegExp, string])[] = [
  [/^Tell (FindCopies|Forget): /, 'a subscriber is gone, or its session is over'],
  [/^Tell Push: .*DELETE/, 'a subscriber is too slow'],
  [/^Sweep FinishChange: /, 'a user leaves the gate after a minute'],
  [/^Sweep TakeOverChange: /, 'where an earlier version has begun a change'],
  [/^Sweep RetireSigningKeys: dynamodb:DeleteItem /, 'a signing key retires after a month'],
]
/** Grants that no function uses itself while it is driven, and why they are needed all the same. */
const REASONED: readonly (readonly [RegExp, string])[] = [
  [/ Log: logs:/, 'Lambda writes what functions print, under their role'],
  [/: xray:Put/, 'Lambda sends the traces, under the role of the function'],
  [
    /^(Close|Tell) : dynamodb:.* on Table\.StreamArn/,
    "Lambda's pollers read the stream, under its role",
  ],
  [/ DeadLetters: sqs:SendMessage /, 'Lambda puts there what it gave up on, under the role'],
  [
    /^Socket Push: execute-api:ManageConnections on \S+\/POST\//,
    'a socket that is eighty minutes old is sent its answer before it is closed',
  ],
]

const { record, secrets } = inject('cloud')
const driven = existsSync(secrets)
const why = driven ? '' : ' (skipped: run it with --project e2e-bundled, whose calls it judges)'

const policiesOf = (): Policies => {
  const stack = synth()
  return new Map(FUNCTIONS.map((name) => [name, stack.statements(name)]))
}
const recorded = (): Promise<AwsCall[]> => readRecord(record ?? '')
const needless = (superfluous: readonly string[]): string[] =>
  superfluous.filter(
    (grant) => ![...REASONED, ...SOMETIMES].some(([pattern]) => pattern.test(grant)),
  )

describe.skipIf(!driven)(`policies and recorded calls${why}`, () => {
  test('nothing is missing', async () => {
    const { missing } = judge(policiesOf(), await recorded())
    expect(missing, 'allow it in cdk/rights.ts, or ask for less').toEqual([])
  })

  test('nothing is granted that is never used, but for a reason', async () => {
    const { superfluous } = judge(policiesOf(), await recorded())
    const advice =
      'take it out of cdk/rights.ts, drive it in test/e2e, or say above why it is needed'
    expect(needless(superfluous), advice).toEqual([])
    const idle = REASONED.filter(([pattern]) => !superfluous.some((grant) => pattern.test(grant)))
    expect(idle, 'reasons for what is used after all').toEqual([])
  })

  test('every grant that is taken away is missed, but for those with a reason', async () => {
    const calls = await recorded()
    const policies = policiesOf()
    const unmissed: string[] = []
    for (const [name, statements] of policies)
      for (const statement of statements)
        for (const action of statement.actions) {
          const left = without(policies, name, statement, action)
          if (judge(left, calls).missing.length === 0)
            unmissed.push(`${name} ${statement.sid}: ${action} on ${statement.resources.join(' ')}`)
        }
    expect(needless(unmissed)).toEqual([])
  })

  test.each<[string, Partial<Statement>]>([
    ['an action', { actions: ['dynamodb:Scan'] }],
    ['a partition', { conditions: fenced(['T#*', 'SLUG#*']) }],
    ['an index', { resources: ['Table.Arn', 'Table.Arn/index/expiry'] }],
  ])('%s too many is seen', async (_, more) => {
    const policies = policiesOf()
    const [read] = (policies.get('Introspect') ?? []).filter(({ sid }) => sid === 'ReadKeys')
    const wider = { ...(read as Statement), sid: 'TooMuch', ...more }
    const widened = new Map(policies).set('Introspect', [
      ...(policies.get('Introspect') ?? []),
      wider,
    ])
    expect(needless(judge(widened, await recorded()).superfluous).join()).toContain('TooMuch')
  })
})

// ---------------------------------------------------------------------------------------------

function fenced(partitions: string[]): Statement['conditions'] {
  return { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions } }
}

const without = (policies: Policies, name: string, from: Statement, action: string): Policies =>
  new Map(policies).set(
    name,
    (policies.get(name) ?? []).map((statement) =>
      statement === from
        ? { ...statement, actions: statement.actions.filter((one) => one !== action) }
        : statement,
    ),
  )
