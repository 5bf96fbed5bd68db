/**
 * A crowd guesses at one account within an hour: its password, one-time and recovery codes behind the right password,
 * and the old password in sessions that were stolen. The owner comes from a network that is known.
 */
import { type Factor, setUpFactor } from '../../kit/second-factor.ts'
import { logInByPassword, logInByToken, okOf } from '../acts/logins.ts'
import { must, newPerson, newTenant } from '../acts/tenants.ts'
import { type Client, openSocket } from '../client.ts'
import type { Op } from '../history.ts'
import type { Violation } from '../judge/judge.ts'
import type { World } from '../world.ts'
import type { Scenario } from './scenario.ts'

const GUESSES = 10_000
const ADDRESSES = 500
const EACH = GUESSES / ADDRESSES
/** What one window of an account's budget for strange networks has; the crowd's guesses are all within one. */
const JUDGED = 10
/** A little less than the window. */
const CROWD_MS = 3_590_000
/** What the first wave may write, of which many meet each other; the spent budget is only read. */
const MOST_UNITS = 200
/** They come in waves, so that many are judged at the same time. */
const WAVES_MS = 30_000
const PASSWORD = 'battery staple'

export const guessFlood: Scenario = {
  name: 'guess-flood',
  slow: true,
  shows: `Of ${GUESSES} wrong passwords and codes from ${ADDRESSES} addresses in an hour ${JUDGED} are judged, and the owner gets in`,
  run: async (world) => {
    const { clock, history } = world
    const tenant = await newTenant(world, 'amber')
    const { username } = await newPerson(world, tenant, 'owner', ['FULL_ADMIN'], PASSWORD)
    const home = { tenant: 'amber', address: '198.51.100.7' }
    const owner = await openSocket(world, 'home', home)
    const session = must(await logInByPassword(world, owner, username, PASSWORD))
    const factor = await setUpFactor(asPeer(owner), username, clock.now, { password: PASSWORD })
    const stolen = okOf(await owner.call('auth.generate_token', 3600, {}, false))
    const bystander = await newPerson(world, tenant, 'bystander', ['FULL_ADMIN'], PASSWORD)
    const sockets: Client[] = []
    // One after the other, for each login by the token writes it.
    for (let n = 0; n < ADDRESSES; n++) {
      const address = `100.64.${n % 250}.${1 + Math.floor(n / 250)}`
      const socket = await openSocket(world, `crowd-${n}`, { tenant: 'amber', address })
      if (wayOf(n) === guessOldPassword)
        must(await logInByToken(world, socket, String(stolen), session))
      sockets.push(socket)
    }
    const written = triesWritten(world)
    const sums = { judged: 0, limited: 0 }
    await Promise.all(
      sockets.map(async (socket, n) => {
        for (let guess = 0; guess < EACH; guess++) {
          await clock.sleep((CROWD_MS / EACH - WAVES_MS) * world.random.next())
          await clock.sleep(WAVES_MS - (clock.elapsed() % WAVES_MS))
          const op = await wayOf(n)(socket, { username, factor })
          if (isJudged(op)) sums.judged++
          else if (LIMITED.test(textOf(op))) sums.limited++
        }
      }),
    )
    const units = triesWritten(world) - written
    history.note(`${sums.judged} of ${GUESSES} were judged, for ${units} write units of tries`)
    const violations: Violation[] = []
    if (units > MOST_UNITS)
      violations.push({ promise: 'guessing', text: `Guesses wrote ${units} units`, ops: [] })
    if (sums.judged > JUDGED || sums.judged + sums.limited !== GUESSES) {
      const text = `${sums.judged} guesses were judged, and ${sums.limited} refused`
      violations.push({ promise: 'guessing', text, ops: [] })
    }
    const again = await openSocket(world, 'home again', home)
    const op = await byCode(again, username, factor.code())
    if ((okOf(op) as Answer | null)?.response_type !== 'SUCCESS')
      violations.push({ promise: 'succeeds', text: 'The crowd locked the owner out', ops: [op] })
    const other = await openSocket(world, 'bystander', { tenant: 'amber' })
    if ((await logInByPassword(world, other, bystander.username, PASSWORD)) === null)
      violations.push({ promise: 'succeeds', text: 'Another user was locked out', ops: [] })
    return { tenants: [], violations }
  },
}

// ---------------------------------------------------------------------------------------------

type Answer = { readonly response_type: string }
type Target = { readonly username: string; readonly factor: Factor }
type Guess = (socket: Client, target: Target) => Promise<Op>

const byPassword = (socket: Client, username: string, password: string): Promise<Op> =>
  socket.call('auth.login_ex', {
    mechanism: 'PASSWORD_PLAIN',
    username: `${username}@amber`,
    password,
  })

/** The right password, and a code behind it. @returns the last call. */
const byCode = async (socket: Client, username: string, otp_token: string): Promise<Op> => {
  const op = await byPassword(socket, username, PASSWORD)
  return op.outcome?.kind === 'ok'
    ? socket.call('auth.login_ex', { mechanism: 'OTP_TOKEN', otp_token })
    : op
}

const guessPassword: Guess = (socket, { username }) => byPassword(socket, username, 'wrong')

const guessCode: Guess = (socket, { username, factor }) => {
  const wrong = (Number(factor.code()) + 500_000) % 1_000_000
  return byCode(socket, username, String(wrong).padStart(6, '0'))
}

const guessRecoveryCode: Guess = (socket, { username }) =>
  byCode(socket, username, 'wr0n-gwr0-ngwr')

const guessOldPassword: Guess = (socket, { username }) =>
  socket.call('user.set_password', { username, old_password: 'wrong', new_password: 'taken over' })

const WAYS = [guessPassword, guessPassword, guessCode, guessRecoveryCode, guessOldPassword]
const wayOf = (n: number): Guess => WAYS[n % WAYS.length] as Guess

const textOf = ({ outcome }: Op): string => (outcome?.kind === 'refused' ? outcome.text : '')
/** A wave meets on the budget's one item: who doesn't come to take a try is told to come again, and isn't judged. */
const LIMITED = /Rate Limit Exceeded|Too many wrong|The service is busy/
/** A login says so by its answer, a change of a password by its refusal. */
const isJudged = (op: Op): boolean =>
  op.outcome?.kind === 'ok' || /Incorrect password/.test(textOf(op))

/** A client as the kit knows one. */
const asPeer = (client: Client) => ({
  call: async <T>(method: string, ...params: unknown[]): Promise<T> =>
    must(okOf(await client.call(method, ...params))) as T,
})

const triesWritten = ({ meter }: World): number =>
  Object.entries(meter.byKind())
    .filter(([kind]) => kind.includes('TRIES'))
    .reduce((sum, [, { writes }]) => sum + writes, 0)
