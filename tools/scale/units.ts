/** Read units, as DynamoDB says that they were consumed, of all clients in this process. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

type Command = {
  readonly input: Record<string, unknown>
  readonly constructor: { readonly name: string }
}
type Consumed = { readonly CapacityUnits?: number }

const READS = /^(BatchGetItem|GetItem|Query)Command$/

/** @returns what takes the units and calls since it was called the last time. */
export const countReads = (): (() => { units: number; calls: number }) => {
  let units = 0
  let calls = 0
  const { prototype } = DynamoDBClient
  const send = prototype.send as (...args: unknown[]) => Promise<unknown>
  prototype.send = async function (this: DynamoDBClient, ...args: unknown[]) {
    const [command] = args as [Command]
    if (!READS.test(command.constructor.name)) return send.apply(this, args)
    command.input.ReturnConsumedCapacity = 'TOTAL'
    const answer = (await send.apply(this, args)) as { ConsumedCapacity?: Consumed | Consumed[] }
    calls++
    for (const { CapacityUnits = 0 } of [answer.ConsumedCapacity ?? []].flat())
      units += CapacityUnits
    return answer
  } as typeof prototype.send
  return () => {
    const taken = { units, calls }
    units = 0
    calls = 0
    return taken
  }
}
