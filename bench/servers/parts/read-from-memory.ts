/** Takes the SDK out of reads: at the one function through which all of them go. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'

type Command = {
  readonly constructor: { readonly name: string }
  readonly input: { readonly RequestItems?: Record<string, { readonly Keys?: Keys }> }
}
type Keys = readonly Readonly<Record<string, { readonly S?: string }>>[]

/**
 * From now on a BatchGetItem that was answered once is answered so again, at once: with the SDK's own
 * output, so that what is done with it is ours. All else goes its way.
 */
export const readFromMemory = (): void => {
  const known = new Map<string, Promise<unknown>>()
  const { prototype } = DynamoDBClient
  const send = prototype.send as (...args: unknown[]) => Promise<unknown>
  prototype.send = function (this: DynamoDBClient, ...args: unknown[]) {
    const [command] = args as [Command]
    const keys = Object.values(command.input.RequestItems ?? {})[0]?.Keys
    if (keys === undefined) return send.apply(this, args)
    let id = ''
    for (const { pk, sk } of keys) id += `${pk?.S}\n${sk?.S}\n`
    const before = known.get(id)
    if (before !== undefined) return before
    const answer = send.apply(this, args)
    known.set(id, answer)
    return answer
  } as typeof prototype.send
}
