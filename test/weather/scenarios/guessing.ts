/** Honest crowds behind one address, and crowds that guess at one account. */
import { scramLogin } from '../../kit/scram.ts'
import { createKey } from '../acts/keys.ts'
import { logIn, logInByPassword } from '../acts/logins.ts'
import { must, newPerson, newTenant } from '../acts/tenants.ts'
import { openSocket } from '../client.ts'
import type { Violation } from '../judge/judge.ts'
import type { World } from '../world.ts'
import type { Scenario } from './scenario.ts'

const BOXES = 200
const PASSWORD = 'battery staple'
const RATE_LIMITED = /Rate Limit Exceeded/

/** 200 logins by key and 200 by SCRAM from one address, in a moment in which no limit refills. */
export const boxesBehindOneAddress: Scenario = {
  name: 'boxes-behind-one-address',
  shows: '200 honest boxes behind one address log in at once, by key and by SCRAM',
  run: async (world) => {
    const tenant = await newTenant(world, 'amber')
    const key = must(await createKey(world, tenant.root, { name: 'amber box', username: 'root' }))
    const logins = Array.from({ length: 2 * BOXES }, async (_, n) => {
      const options = { tenant: 'amber', version: 'v26.0.0', address: '198.51.100.1' }
      const box = await openSocket(world, `box-${n}`, options)
      if (n % 2 === 0) return (await logIn(world, box, key)) !== null
      const call = async <T>(method: string, ...params: unknown[]): Promise<T> => {
        const { outcome } = await box.call(method, ...params)
        return (outcome?.kind === 'ok' ? outcome.value : { response_type: 'refused' }) as T
      }
      const { last } = await scramLogin(call, { username: 'root', raw: key.raw })
      return last?.response_type === 'SCRAM_RESPONSE'
    })
    const refused = (await Promise.all(logins)).filter((isIn) => !isIn).length
    return { tenants: [], violations: refused === 0 ? [] : [boxesRefused(refused)] }
  },
}

type Flood = { readonly guesses: number; readonly addresses: number; readonly judged: number }

/** Wrong passwords and codes for one account, within an hour; the owner comes from a network that is known. */
const flood = ({ guesses, addresses, judged: most }: Flood): Scenario => ({
  name: 'guess-flood',
  slow: true,
  shows: `Of ${guesses} guesses from ${addresses} addresses in an hour at most ${most} are judged, and the owner gets in`,
  run: async (world) => {
    const { clock, random } = world
    const tenant = await newTenant(world, 'amber')
    const { username } = await newPerson(world, tenant, 'owner', ['FULL_ADMIN'], PASSWORD)
    const home = { tenant: 'amber', address: '198.51.100.7' }
    const before = await openSocket(world, 'home', home)
    must(await logInByPassword(world, before, username, PASSWORD))
    const own = await newPerson(world, tenant, 'bystander', ['FULL_ADMIN'], PASSWORD)
    const written = unitsWritten(world)
    const crowd = Array.from({ length: addresses }, async (_, n) => {
      const socket = await openSocket(world, `crowd-${n}`, {
        tenant: 'amber',
        address: `100.64.${n % 250}.${1 + Math.floor(n / 250)}`,
      })
      const answers = { judged: 0, limited: 0 }
      for (let guess = 0; guess < guesses / addresses; guess++) {
        await clock.sleep((3_600_000 / (guesses / addresses)) * random.next())
        const login = {
          mechanism: 'PASSWORD_PLAIN',
          username: `${username}@amber`,
          password: 'wrong',
        }
        const { outcome } = await socket.call('auth.login_ex', login)
        if (outcome?.kind === 'ok') answers.judged++
        else if (outcome !== null && RATE_LIMITED.test(outcome.text)) answers.limited++
      }
      return answers
    })
    const judged = (await Promise.all(crowd)).reduce((sum, one) => sum + one.judged, 0)
    world.history.note(
      `${judged} of ${guesses} guesses were judged, for ${unitsWritten(world) - written} write units`,
    )
    const after = await openSocket(world, 'home again', home)
    const isIn = (await logInByPassword(world, after, username, PASSWORD)) !== null
    const other = await openSocket(world, 'bystander', { tenant: 'amber' })
    const others = (await logInByPassword(world, other, own.username, PASSWORD)) !== null
    const violations: Violation[] = []
    if (judged > most)
      violations.push({ promise: 'guessing', text: `${judged} guesses were judged`, ops: [] })
    if (!isIn || !others)
      violations.push({ promise: 'succeeds', text: 'The owner was locked out by others', ops: [] })
    return { tenants: [], violations }
  },
})

/** What a budget for an account lets through in an hour is for `shared/` to say: this is the most of it. */
export const guessFlood = flood({ guesses: 10_000, addresses: 500, judged: 200 })

// ---------------------------------------------------------------------------------------------

const boxesRefused = (refused: number): Violation => ({
  promise: 'succeeds',
  text: `${refused} of ${2 * BOXES} logins were refused`,
  ops: [],
})

const unitsWritten = ({ meter }: World): number =>
  Object.values(meter.byKind()).reduce((sum, { writes }) => sum + writes, 0)
