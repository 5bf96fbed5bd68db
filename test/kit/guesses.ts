/** Guesses at passwords and codes, by strangers and from home, as answers; and what they write to the table. */
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { expect, vi } from 'vitest'
import type { User } from '../../shared/store/user-items.ts'
import { type Peer, Refused, startSockets } from './peer.ts'
import { setUpFactor } from './second-factor.ts'
import { newTenant, slugOf, startRig } from './service.ts'

const [PASSWORD, HOME, MINUTE] = ['correct horse', '198.51.100.7', 60_000]

export const GUESSES = {
  PASSWORD,
  HOME,
  MINUTE,
  HOUR: 60 * MINUTE,
  DAY: 24 * 60 * MINUTE,
  LIMITED: '-32001 [EBUSY] Rate Limit Exceeded',
  /** An address where nobody has logged in. */
  strange: (n: number): string => `203.0.${Math.floor(n / 250)}.${n % 250}`,
  /** A code that is none of the moment. */
  wrong: (right: string): string => String((Number(right) + 500_000) % 1_000_000).padStart(6, '0'),
  count: (of: readonly string[], what: string): number => of.filter((one) => one === what).length,
}

/** Two processes that serve one table; `begin` makes a tenant to guess at. */
export const startGuesses = async () => {
  const rig = await startRig()
  const services = [rig.service, rig.make()] as const
  const processes = [startSockets(services[0]), startSockets(services[1])] as const
  const checks = services.map(({ passwords }) => vi.spyOn(passwords, 'check'))
  let [user, slug]: [User | null, string] = [null, '']
  const now = (): number => rig.clock.now + rig.clock.ahead
  const on = {
    rig,
    /** How many passwords were judged since the test began, or since the count was set back. */
    judged: (): number => checks.reduce((sum, { mock }) => sum + mock.calls.length, 0),
    setBack: (): void => {
      for (const check of checks) check.mockClear()
    },
    async begin(): Promise<void> {
      on.setBack()
      rig.clock.ahead = 0
      const made = await newTenant(rig.service)
      user = made
      slug = await slugOf(rig.service, made)
    },
    slug: (): string => slug,
    /** The tenant's administrator, and the name to log in by. */
    user: (): User => user as User,
    admin: (): string => `admin@${slug}`,
    open: (address: string, process = 0, version?: string): Promise<Peer> =>
      (process === 0 ? processes[0] : processes[1]).open({ address, ...(version && { version }) }),
    logIn: async (address: string, password = PASSWORD, name = 'admin'): Promise<string> =>
      byPassword(await on.open(address), `${name}@${slug}`, password),
    /** So many guesses, each from another address. */
    async guess(times: number, name = 'admin'): Promise<string[]> {
      const said: string[] = []
      for (let n = 0; n < times; n++)
        said.push(await on.logIn(GUESSES.strange(n), `guess ${n}`, name))
      return said
    },
    /** Gives the administrator a second factor, at home. */
    async setUp() {
      const peer = await on.open(HOME)
      expect(await byPassword(peer, on.admin(), PASSWORD)).toBe('SUCCESS')
      const factor = await setUpFactor(peer, 'admin', now, { password: PASSWORD })
      rig.clock.now += MINUTE
      return factor
    },
    /** What today's audit has of tries that were used up. */
    async spentEntries(): Promise<Record<string, unknown>[]> {
      const client = new DynamoDBClient({})
      const day = new Date(now()).toISOString().slice(0, 10)
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: rig.table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: `T#${on.user().tenant}#AUDIT#${day}` } },
        }),
      )
      client.destroy()
      return Items.map((item) => unmarshall(item)).filter(
        ({ event }) => event === 'user.tries_spent',
      )
    },
  }
  return on
}

export type Guesses = Awaited<ReturnType<typeof startGuesses>>

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
