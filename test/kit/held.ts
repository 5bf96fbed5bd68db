/** Transactions that are held just before they are sent, so that a test decides what comes in between. */
import { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { vi } from 'vitest'

/** Items that a transaction puts, in its order: audit entries among them. */
type Puts = readonly Readonly<Record<string, unknown>>[]

/** Does something before each transaction that is picked by what it puts. It ends with the test's mocks. */
export const beforeTransactions = (
  picks: (put: Readonly<Record<string, unknown>>) => boolean,
  act: () => Promise<unknown>,
): void => {
  const send = DynamoDBClient.prototype.send
  vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(async function (
    this: DynamoDBClient,
    ...args: never[]
  ) {
    if (putsOf(args[0]).some(picks)) await act()
    return (send as (...args: never[]) => Promise<never>).apply(this, args)
  } as never)
}

/** Holds those transactions. */
export const holdTransactions = (picks: (put: Readonly<Record<string, unknown>>) => boolean) => {
  const held: (() => void)[] = []
  let isOpen = false
  let arrived = () => {}
  beforeTransactions(picks, async () => {
    if (isOpen) return
    await new Promise<void>((go) => {
      held.push(go)
      arrived()
    })
  })
  return {
    /** Waits until so many are held. */
    until: async (many: number): Promise<void> => {
      while (held.length < many)
        await new Promise<void>((go) => {
          arrived = go
        })
    },
    /** Lets them go, and all that come. */
    release: (): void => {
      isOpen = true
      for (const go of held) go()
    },
  }
}

/** Whether it is an audit entry of such an event, and of such an actor if one is named. */
export const entry =
  (event: string, username?: string) =>
  (put: Readonly<Record<string, unknown>>): boolean =>
    put.event === event &&
    (username === undefined || (put.actor as { username: string }).username === username)

// ---------------------------------------------------------------------------------------------

const putsOf = (command: unknown): Puts =>
  command instanceof TransactWriteItemsCommand
    ? (command.input.TransactItems ?? []).flatMap(({ Put }) =>
        Put?.Item ? [unmarshall(Put.Item)] : [],
      )
    : []
