/** Changes of users: made to hold at once, then brought to their keys. */
import { Fault, missing } from '../fault.ts'
import { isDeviceUser } from '../keys/device-user.ts'
import { propagate } from '../keys/propagate.ts'
import type { SessionCall } from '../rpc/method.ts'
import { MOST_IN_GATE } from '../store/gate.ts'
import { endsAuthority, type User, type UserChange, type Users } from '../store/users.ts'
import { actorOf } from './actor.ts'
import { mayTouch } from './rules.ts'

/**
 * Changes a user. What it takes from them holds for all of their keys from then on.
 * @param goesOn whether the caller's session lives on, if what it was opened by changes: it has proven itself anew.
 */
export const change = async (
  call: SessionCall,
  user: User,
  event: string,
  to: UserChange,
  goesOn = false,
): Promise<User> => {
  if (isDeviceUser(user) && !Object.keys(to).every((what) => OF_DEVICES.has(what)))
    throw new Fault('USER_BUILT_IN', { username: user.username })
  const { service, connection } = call
  const also = goesOn ? service.connections.adopt(connection, user.passwordVersion + 1) : []
  const make = (now: User) => {
    const deed = { event, at: service.now(), actor: actorOf(call) }
    return service.users.change(now, to, deed, { also, isForGood: isDeviceUser(now) })
  }
  const after = endsAuthority(to) ? await insist(call, user, make) : await make(user)
  if ('lost' in after) {
    if (after.lost === 'SESSION_GONE') throw new Fault('SESSION_EXPIRED')
    if (after.lost === 'FULL') throw new Fault('TOO_MANY_CHANGES', { most: MOST_IN_GATE })
    throw new Fault('USER_CHANGED', { username: user.username })
  }
  if (goesOn) await freeTokens(call)
  if (after.version !== user.version) await begin(call, after)
  return after
}

// ---------------------------------------------------------------------------------------------

type Changed = Awaited<ReturnType<Users['change']>> | { readonly lost: 'SESSION_GONE' }

/** How long a lock is tried, in milliseconds: a call has 29 seconds. */
const INSIST_MS = 20_000
/** The longest pause between two tries, in milliseconds. */
const PAUSE_MS = 50

/** Ends a user's authority whatever they do meanwhile: it is judged and tried anew until it is done. */
const insist = async (
  call: SessionCall,
  user: User,
  make: (now: User) => Promise<Changed>,
): Promise<Changed> => {
  const end = performance.now() + INSIST_MS
  for (let now = user; ; ) {
    const after = await make(now).catch((error: unknown) => {
      const isPassing = error instanceof Fault && error.code === 'UNAVAILABLE'
      if (!isPassing || performance.now() > end) throw error
      return { lost: 'USER_CHANGED' as const, old: null }
    })
    if (!('lost' in after) || after.lost !== 'USER_CHANGED' || performance.now() > end) return after
    await new Promise((done) => setTimeout(done, Math.random() * PAUSE_MS))
    const found = await call.service.users.get(user.tenant, user.username)
    if (found === null || found.uid !== user.uid || found.deleted) throw missing('User', user.uid)
    mayTouch(call, found)
    now = found
  }
}

/** Keys that have the change before it is answered: most users have no more, and it costs them some milliseconds. */
const FIRST_KEYS = 32
/** For so long at the most, in milliseconds: a table in trouble holds up no answer to what holds already. */
const FIRST_MS = 5000

/**
 * Brings a change to the first of a user's keys. It holds already, and the sweep brings it to the others: a function
 * does nothing more once it has answered, so only what can be waited for is begun here.
 */
const begin = async ({ service }: SessionCall, { tenant, uid }: User): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((done) => {
    timer = setTimeout(done, FIRST_MS)
  })
  const first = propagate(service, { tenant, uid }, { left: FIRST_KEYS }).catch((error: unknown) =>
    service.log.error('a change of a user could not be brought to their keys yet', error, {
      tenant,
    }),
  )
  await Promise.race([first, patience])
  clearTimeout(timer)
}

/** The session's tokens are dead by what changed; they also leave their places. The change stands: it isn't told as
 * failed for what is only good to do. */
const freeTokens = async ({ service, session }: SessionCall): Promise<void> => {
  try {
    await service.tokens.endOf(session.tenant, session.id)
  } catch (error) {
    service.log.error('the places of dead tokens could not be freed', error, {
      tenant: session.tenant,
    })
  }
}

/** What may change of the user whom devices' keys belong to: with a password one could log in as it. */
const OF_DEVICES: ReadonlySet<string> = new Set<keyof UserChange>(['locked', 'fullName'])
