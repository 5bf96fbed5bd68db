/** What a request to DynamoDB touches: which items, how, and of how many bytes. */

export type ItemKey = { readonly pk: string; readonly sk: string }
export type WriteKind = 'put' | 'update' | 'delete' | 'check'
export type ItemWrite = ItemKey & {
  readonly kind: WriteKind
  /** Bytes of what is written, as far as the request says. */
  readonly bytes: number
}

export type Touched = {
  readonly operation: string
  readonly isTransaction: boolean
  readonly reads: readonly ItemKey[]
  /** The partition of a query, which finds what it finds; of the index, a name of its own. */
  readonly query: { readonly pk: string; readonly strong: boolean } | null
  readonly writes: readonly ItemWrite[]
  /** Repeats of a transaction are told by it. */
  readonly token: string | null
}

type Attributes = Record<string, Record<string, unknown>>
// biome-ignore lint/suspicious/noExplicitAny: requests as the SDK writes them
type Body = any

export const readRequest = (operation: string, body: Body): Touched => {
  const none = { operation, isTransaction: false, reads: [], query: null, writes: [], token: null }
  switch (operation) {
    case 'GetItem':
      return { ...none, reads: [keyOf(body.Key)] }
    case 'BatchGetItem':
      return { ...none, reads: tableOf(body.RequestItems).Keys.map(keyOf) }
    case 'TransactGetItems':
      return {
        ...none,
        isTransaction: true,
        reads: body.TransactItems.map((one: Body) => keyOf(one.Get.Key)),
      }
    case 'Query':
      return { ...none, query: { pk: partitionOf(body), strong: body.ConsistentRead === true } }
    case 'PutItem':
      return { ...none, writes: [put(body)] }
    case 'UpdateItem':
      return { ...none, writes: [update(body)] }
    case 'DeleteItem':
      return { ...none, writes: [{ ...keyOf(body.Key), kind: 'delete', bytes: 0 }] }
    case 'BatchWriteItem':
      return { ...none, writes: tableOf(body.RequestItems).map(batched) }
    case 'TransactWriteItems':
      return {
        ...none,
        isTransaction: true,
        writes: body.TransactItems.map(transacted),
        token: body.ClientRequestToken ?? null,
      }
    default:
      throw new Error(`the simulated DynamoDB knows no ${operation} yet: teach it`)
  }
}

export const textOf = ({ pk, sk }: ItemKey): string => `${pk}|${sk}`

/** What sort of item it is: its keys without whose they are. */
export const kindOf = ({ pk, sk }: ItemKey): string => {
  const [first = ''] = sk.split('#')
  return `${pk.split('#').map(word).join('#')} ${word(first)}${sk.includes('#') ? '#' : ''}`
}

/** Bytes of an item as DynamoDB counts them, more or less: names and values. */
export const bytesOf = (attributes: Attributes): number => JSON.stringify(attributes).length

// ---------------------------------------------------------------------------------------------

const word = (part: string): string => (/^[A-Z]{1,12}$/.test(part) ? part : '·')

const keyOf = (key: Attributes): ItemKey => ({ pk: String(key.pk?.S), sk: String(key.sk?.S) })

const tableOf = (items: Record<string, Body>): Body => Object.values(items)[0]

const partitionOf = (body: Body): string => {
  const values: Attributes = body.ExpressionAttributeValues ?? {}
  const [first = {}] = Object.values(values)
  const own = values[':pk'] ?? first
  return body.IndexName === undefined ? String(own.S) : `${body.IndexName}:${own.S}`
}

const put = (one: Body): ItemWrite => ({
  ...keyOf(one.Item),
  kind: 'put',
  bytes: bytesOf(one.Item),
})
const update = (one: Body): ItemWrite => ({
  ...keyOf(one.Key),
  kind: 'update',
  bytes: bytesOf(one.ExpressionAttributeValues ?? {}),
})

const transacted = (one: Body): ItemWrite => {
  if (one.Put) return put(one.Put)
  if (one.Update) return update(one.Update)
  if (one.Delete) return { ...keyOf(one.Delete.Key), kind: 'delete', bytes: 0 }
  return { ...keyOf(one.ConditionCheck.Key), kind: 'check', bytes: 0 }
}

const batched = (one: Body): ItemWrite =>
  one.PutRequest
    ? put(one.PutRequest)
    : { ...keyOf(one.DeleteRequest.Key), kind: 'delete', bytes: 0 }
