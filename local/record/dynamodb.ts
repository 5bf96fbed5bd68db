/** A request of DynamoDB's wire (JSON 1.0) as the actions that IAM is asked about. */
import { TABLE } from '../../shared/store/table.ts'
import { attributesOf, comparedWith, type Names } from './expressions.ts'
import { generalised } from './generalise.ts'
import type { AwsCall } from './record.ts'

export type Action = Omit<AwsCall, 'function'>

/** An attribute value on the wire. */
type Value = { readonly S?: string; readonly N?: string }
type Image = Readonly<Record<string, Value>>
type Request = {
  readonly TableName?: string
  readonly IndexName?: string
  readonly Key?: Image
  readonly Item?: Image
  readonly UpdateExpression?: string
  readonly ConditionExpression?: string
  readonly KeyConditionExpression?: string
  readonly FilterExpression?: string
  readonly ProjectionExpression?: string
  readonly ExpressionAttributeNames?: Names
  readonly ExpressionAttributeValues?: Image
  readonly Select?: string
  readonly ReturnValues?: string
  readonly ReturnValuesOnConditionCheckFailure?: string
  readonly Keys?: readonly Image[]
  readonly RequestItems?: Readonly<Record<string, Request>>
  readonly TransactItems?: readonly Readonly<Record<string, Request>>[]
}

/** @returns the actions; a transaction has one for each of its items. */
export const actionsOf = (operation: string, input: unknown): Action[] => {
  const request = input as Request
  switch (operation) {
    case 'TransactWriteItems':
    case 'TransactGetItems':
      return (request.TransactItems ?? [])
        .flatMap((item) => Object.entries(item))
        .map(([kind, inner]) => oneOf(TRANSACTED[kind] ?? kind, operation, inner))
    case 'BatchGetItem':
      return Object.values(request.RequestItems ?? {}).map((inner) =>
        oneOf(operation, operation, inner),
      )
    default:
      return [oneOf(operation, operation, request)]
  }
}

// ---------------------------------------------------------------------------------------------

const TRANSACTED: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
}

const oneOf = (action: string, operation: string, request: Request): Action => {
  const { IndexName, Item, Select, ReturnValues, ReturnValuesOnConditionCheckFailure } = request
  const names = request.ExpressionAttributeNames ?? {}
  const keys = keysOf(request)
  const expressed = attributesOf(
    names,
    request.UpdateExpression,
    request.ConditionExpression,
    request.KeyConditionExpression,
    request.FilterExpression,
    request.ProjectionExpression,
  )
  const keyed = [request.Key ?? {}, ...(request.Keys ?? []), Item ?? {}].flatMap(Object.keys)
  return {
    action: `dynamodb:${action}`,
    operation,
    resource: IndexName === undefined ? 'table' : `index/${IndexName}`,
    ...(keys.leading.length > 0 && { leadingKeys: distinct(keys.leading) }),
    ...(keys.sort.length > 0 && { sortKeys: distinct(keys.sort) }),
    attributes: distinct([...expressed, ...keyed]),
    ...(Select !== undefined && { select: Select }),
    ...(ReturnValues !== undefined && { returnValues: ReturnValues }),
    ...(ReturnValuesOnConditionCheckFailure !== undefined && {
      returnValuesOnFailure: ReturnValuesOnConditionCheckFailure,
    }),
  }
}

const keysOf = (request: Request): { leading: string[]; sort: string[] } => {
  const { IndexName, Key, Keys = [], Item, KeyConditionExpression: condition } = request
  const { partitionKey, sortKey } = IndexName === undefined ? TABLE : TABLE.expiryIndex
  if (condition !== undefined) {
    const compared = (attribute: string): string[] => {
      const with_ = comparedWith(attribute, condition, request.ExpressionAttributeNames ?? {})
      if (with_ === null) return []
      const value = request.ExpressionAttributeValues?.[with_.value]
      return [`${shown(value)}${with_.begins ? '*' : ''}`]
    }
    return { leading: compared(partitionKey), sort: compared(sortKey) }
  }
  const images = [Key, Item, ...Keys].filter((image) => image !== undefined)
  return {
    leading: images.map((image) => shown(image[partitionKey])),
    sort: images.map((image) => shown(image[sortKey])),
  }
}

const shown = (value: Value | undefined): string => generalised(value?.S ?? value?.N ?? '')

const distinct = (list: readonly string[]): string[] => [...new Set(list)].sort()
