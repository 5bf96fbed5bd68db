/**
 * Holds what functions may do against what they did: calls that no statement allows, and grants that no
 * call used. A grant is the least that a statement allows: one action on one resource, in one family of
 * partitions; and each attribute that it names.
 */
import { SOCKET_STAGE } from '../../cdk/gateway.ts'
import type { AwsCall } from '../../local/record/record.ts'
import type { Statement } from '../cdk/synth.ts'
import { allows, like, type Request } from './iam.ts'

/** Statements by function. */
export type Policies = ReadonlyMap<string, readonly Statement[]>

export type Judgement = {
  /** Calls that would have been refused. */
  readonly missing: string[]
  /** Grants that nothing used. */
  readonly superfluous: string[]
}

export const judge = (policies: Policies, calls: readonly AwsCall[]): Judgement => {
  const used = new Set<string>()
  const missing = new Set<string>()
  for (const call of calls) {
    const request = toRequest(call)
    const statements = policies.get(call.function) ?? []
    const by = statements.filter((statement) => allows(statement, request))
    if (by.length === 0) missing.add(`${call.function}: ${describe(request)}`)
    // The first will do: of two that allow the same, one is superfluous.
    const [first] = by
    if (first !== undefined)
      for (const grant of grantsUsed(call.function, first, request)) used.add(grant)
  }
  const granted = [...policies].flatMap(([name, statements]) =>
    statements.flatMap((statement) => grantsOf(name, statement)),
  )
  return { missing: [...missing], superfluous: granted.filter((grant) => !used.has(grant)) }
}

// ---------------------------------------------------------------------------------------------

const RESOURCES: readonly (readonly [RegExp, (match: string) => string])[] = [
  [/^table$/, () => 'Table.Arn'],
  [/^index\/(.+)$/, (name) => `Table.Arn/index/${name}`],
  [/^key$/, () => 'WrappingKey.Arn'],
  [
    /^(\w+)\/@connections$/,
    (method) =>
      `arn:Partition:execute-api:Region:AccountId:SocketApi/${SOCKET_STAGE}/${method}/@connections/<id>`,
  ],
]

const toRequest = (call: AwsCall): Request => {
  const found = RESOURCES.map(([pattern, name]) => ({ match: pattern.exec(call.resource), name }))
  const hit = found.find(({ match }) => match !== null)
  if (!hit?.match) throw new Error(`a call on ${call.resource}: teach test/policy/judge.ts`)
  const attributes = attributesOf(call)
  return {
    action: call.action,
    resource: hit.name(hit.match[1] ?? ''),
    context: {
      ...(call.leadingKeys && { 'dynamodb:LeadingKeys': call.leadingKeys }),
      ...(attributes && { 'dynamodb:Attributes': attributes }),
      ...(call.returnValues && { 'dynamodb:ReturnValues': [call.returnValues] }),
      ...Object.fromEntries(
        Object.entries(call.encryptionContext ?? {}).map(([name, value]) => [
          `kms:EncryptionContext:${name}`,
          [value],
        ]),
      ),
    },
  }
}

/** A read that names none but keys asks for all of an item: DynamoDB then sends no names to IAM. */
const attributesOf = ({ action, attributes }: AwsCall): readonly string[] | undefined => {
  const reads = /:(BatchGetItem|GetItem|Query)$/.test(action)
  const keys = new Set(['pk', 'sk', 'shard', 'expiresAt'])
  return reads && attributes?.every((name) => keys.has(name)) ? undefined : attributes
}

const partitionsOf = ({ conditions }: Statement): readonly string[] =>
  [conditions['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []].flat()
const namedBy = ({ conditions }: Statement): readonly string[] =>
  [conditions['ForAllValues:StringEquals']?.['dynamodb:Attributes'] ?? []].flat()

const grantsOf = (name: string, statement: Statement): string[] => {
  const { sid, actions, resources } = statement
  const partitions = partitionsOf(statement)
  return [
    ...actions.flatMap((action) =>
      resources.flatMap((resource) =>
        (partitions.length === 0 ? ['anything'] : partitions).map((of) =>
          grant(name, sid, action, resource, of),
        ),
      ),
    ),
    ...namedBy(statement).map((attribute) => `${name} ${sid}: attribute ${attribute}`),
  ]
}

const grantsUsed = (name: string, statement: Statement, request: Request): string[] => {
  const { action, resource, context } = request
  const { sid } = statement
  const on = statement.resources.filter((pattern) => like(pattern, resource))
  const partitions = partitionsOf(statement).filter((pattern) =>
    context['dynamodb:LeadingKeys']?.some((key) => like(pattern, key)),
  )
  return [
    ...on.flatMap((pattern) =>
      (partitions.length === 0 ? ['anything'] : partitions).map((of) =>
        grant(name, sid, action, pattern, of),
      ),
    ),
    ...(context['dynamodb:Attributes'] ?? []).map(
      (attribute) => `${name} ${sid}: attribute ${attribute}`,
    ),
  ]
}

const grant = (name: string, sid: string, action: string, resource: string, of: string): string =>
  `${name} ${sid}: ${action} on ${resource}, ${of}`

const describe = ({ action, resource, context }: Request): string =>
  `${action} on ${resource} ${JSON.stringify(context)}`
