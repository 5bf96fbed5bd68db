/** Writes that are held just before they are sent, so that a test decides what comes in between. */
import {
  DeleteItemCommand,
  type DeleteItemCommandInput,
  DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { vi } from 'vitest'

/** What a write puts or sets, with its item key, audit entries among it; of what it deletes the key, and `deleted`. */
type Change = Readonly<Record<string, unknown>>

const send = DynamoDBClient.prototype.send

/** Does something before each transaction that is picked by one of its changes, and nothing that was to be done
 * before. It ends with the test's mocks. */
export const beforeWrites = (
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
export const holdWrites = (picks: (change: Change) => boolean) => {
  const held: (() => void)[] = []
  let isOpen = false
  let arrived = () => {}
  beforeWrites(picks, async () => {
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

/** Whether it is a session that a login lists; of such a user if one is named. */
export const session =
  (username?: string) =>
  ({ sk, session, deleted }: Change): boolean =>
    !deleted &&
    session !== undefined &&
    /^SESSION(#[^#]+){3}$/.test(String(sk)) &&
    (username === undefined || usernameOf(session) === username)

/** Whether a session of such a user becomes its connection's. */
export const loggedIn =
  (username: string) =>
  ({ pk, session }: Change): boolean =>
    String(pk).startsWith('C#') && usernameOf(session) === username

// ---------------------------------------------------------------------------------------------

const usernameOf = (session: unknown): string | undefined =>
  (session as { username: string } | null | undefined)?.username

const changesOf = (command: unknown): Change[] => {
  if (command instanceof TransactWriteItemsCommand)
    return (command.input.TransactItems ?? []).flatMap(changeOf)
  if (command instanceof PutItemCommand) return changeOf({ Put: command.input })
  if (command instanceof UpdateItemCommand) return changeOf({ Update: command.input })
  if (command instanceof DeleteItemCommand) return changeOf({ Delete: command.input })
  return []
}

type Written = {
  readonly Put?: Pick<PutItemCommandInput, 'Item'> | undefined
  readonly Update?: Pick<UpdateItemCommandInput, 'Key' | 'ExpressionAttributeValues'> | undefined
  readonly Delete?: Pick<DeleteItemCommandInput, 'Key'> | undefined
}

const changeOf = ({ Put, Update, Delete }: Written): Change[] => [
  ...(Put?.Item ? [unmarshall(Put.Item)] : []),
  ...(Update?.Key ? [{ ...unmarshall(Update.Key), ...setBy(Update) }] : []),
  ...(Delete?.Key ? [{ ...unmarshall(Delete.Key), deleted: true }] : []),
]

/** What an update sets, by attribute (`store/write.ts`: `updateInput`). */
const setBy = ({ ExpressionAttributeValues = {} }: NonNullable<Written['Update']>) =>
  Object.fromEntries(
    Object.entries(unmarshall(ExpressionAttributeValues))
      .filter(([name]) => name.startsWith(':set_'))
      .map(([name, value]) => [name.slice(':set_'.length), value]),
  )
