/** Transactions that are held just before they are sent, so that a test decides what comes in between. */
import { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { vi } from 'vitest'

/** What a transaction puts, audit entries among it; of what it deletes the key, and `deleted`. */
type Change = Readonly<Record<string, unknown>>

const send = DynamoDBClient.prototype.send

/** Does something before each transaction that is picked by one of its changes, and nothing that was to be done
 * before. It ends with the test's mocks. */
export const beforeTransactions = (
  picks: (change: Change) => boolean,
  act: () => Promise<unknown>,
): void => {
  vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(async function (
    this: DynamoDBClient,
    ...args: never[]
  ) {
    if (changesOf(args[0]).some(picks)) await act()
    return (send as (...args: never[]) => Promise<never>).apply(this, args)
  } as never)
}

/** Holds those transactions. */
export const holdTransactions = (picks: (change: Change) => boolean) => {
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

/** Holds the first request that is picked, of whatever kind, by its command and its input as text. It takes the place of
 * what was held before, as far as that isn't sent yet. */
export const holdRequest = (picks: (command: object, text: string) => boolean) => {
  let [isHeld, arrive, release] = [false, () => {}, () => {}]
  const held = new Promise<void>((go) => {
    arrive = go
  })
  const released = new Promise<void>((go) => {
    release = go
  })
  vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(async function (
    this: DynamoDBClient,
    ...args: never[]
  ) {
    const command = args[0] as unknown as { readonly input: object }
    if (!isHeld && picks(command, JSON.stringify(command.input))) {
      isHeld = true
      arrive()
      await released
    }
    return (send as (...args: never[]) => Promise<never>).apply(this, args)
  } as never)
  return { held, release }
}

/** Whether it is an audit entry of such an event, and of such an actor if one is named. */
export const entry =
  (event: string, username?: string) =>
  (put: Change): boolean =>
    put.event === event &&
    (username === undefined || (put.actor as { username: string }).username === username)

/** Whether it is a session that a login puts; of such a user if one is named. */
export const session =
  (username?: string) =>
  ({ sk, session, deleted }: Change): boolean =>
    !deleted &&
    String(sk).startsWith('SESSION#') &&
    (username === undefined || (session as { username: string }).username === username)

// ---------------------------------------------------------------------------------------------

const changesOf = (command: unknown): Change[] =>
  command instanceof TransactWriteItemsCommand
    ? (command.input.TransactItems ?? []).flatMap(({ Put, Delete }) => [
        ...(Put?.Item ? [unmarshall(Put.Item)] : []),
        ...(Delete?.Key ? [{ ...unmarshall(Delete.Key), deleted: true }] : []),
      ])
    : []
