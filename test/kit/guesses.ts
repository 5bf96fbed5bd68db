/** Logins by password and code as answers, and what they write to the table. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { vi } from 'vitest'
import { type Peer, Refused } from './peer.ts'

type Answer = { readonly response_type: string }

/** How a call ends: its response, or what it was refused with. */
export const outcomeOf = async (call: Promise<Answer>): Promise<string> => {
  try {
    return (await call).response_type
  } catch (error) {
    if (error instanceof Refused) return `${error.code} ${error.message}`
    throw error
  }
}

export const byPassword = (peer: Peer, username: string, password: string): Promise<string> =>
  outcomeOf(peer.call('auth.login_ex', { mechanism: 'PASSWORD_PLAIN', username, password }))

export const byCode = (peer: Peer, otp_token: string): Promise<string> =>
  outcomeOf(peer.call('auth.login_ex', { mechanism: 'OTP_TOKEN', otp_token }))

/** What is written from now on: for each request the kinds of items, such as `Update OTHERS`. */
export const watchWrites = () => {
  const writes: string[] = []
  const send = DynamoDBClient.prototype.send as (command: object) => unknown
  const spy = vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(function (
    this: DynamoDBClient,
    ...args: unknown[]
  ) {
    const [command] = args as [{ readonly input: Input }]
    const all = writesIn(command.input)
    if (all.length > 0) writes.push(all.join(' + '))
    return Reflect.apply(send, this, args)
  } as never)
  return { writes, stop: () => spy.mockRestore() }
}

// ---------------------------------------------------------------------------------------------

type Text = { readonly S: string }
type Place = { readonly pk: Text; readonly sk: Text }
type One = { readonly Key?: Place; readonly Item?: Place }
type Input = One & {
  readonly UpdateExpression?: string
  readonly TransactItems?: readonly Readonly<Record<string, One>>[]
}

const writesIn = (input: Input): string[] =>
  input.TransactItems !== undefined
    ? input.TransactItems.flatMap((one) =>
        Object.entries(one).map(([how, what]) => `${how} ${kindOf(what)}`),
      )
    : input.UpdateExpression === undefined
      ? []
      : [`Update ${kindOf(input)}`]

const kindOf = ({ Key, Item }: One): string => {
  const { pk, sk } = (Key ?? Item) as Place
  return pk.S.includes('#AUDIT#') ? 'AUDIT' : (sk.S.split('#')[0] as string)
}
