/** Holds the history against what the service promises. */
import { INTERNAL } from '../client.ts'
import type { End, Facts } from '../facts.ts'
import type { Session } from '../history.ts'
import { changedAt, isChange, type Op } from '../history.ts'
import type { World } from '../world.ts'
import { fateOfSecret, fateOfSession } from './authority.ts'
import { sessionFinder } from './sessions.ts'

export const PROMISES = {
  'ended-changes': 'Ended authority changes nothing after the acknowledgement of what ended it',
  'ended-passes': 'A call that began after the end of its authority is refused',
  'dead-passes': 'A dead key passes no check that began after the acknowledgement of its end',
  'good-fails': 'A key or session that nothing has ended is good',
  'lost-secret': 'A new secret is never lost silently',
  'told-failed': 'What was told as refused was not done',
  'told-done': 'What was acknowledged is there',
  isolation: 'A tenant sees nothing of another',
  internal: 'Nobody hears of an internal error',
  succeeds: 'A call that must succeed does',
  'no-conflict': 'Changes of different things don’t meet',
  partitions: 'No item is asked for more than its partition gives',
  closed:
    'Sockets of what ended are closed within two seconds, and told nothing more, whatever else changed',
  bounded: 'A check is answered within two seconds, whatever AWS does',
  guessing: 'Guesses at an account have a bound, wherever they come from',
} as const
export type Promised = keyof typeof PROMISES

export type Violation = {
  readonly promise: Promised
  readonly text: string
  /** Calls that it took. */
  readonly ops: readonly Op[]
}

export const judge = (world: World): Violation[] => [
  ...judgeEnded(world),
  ...judgePasses(world),
  ...judgeTold(world),
  ...judgeSeen(world),
]

// ---------------------------------------------------------------------------------------------

/** Calls that need no session, whatever their socket has. */
const OPEN = /^(auth\.login_ex|auth\.login_with_api_key|core\.ping|connect)$/
/** What it notes of a token that it has used gives nobody anything: it is judged by whether it lets anybody in. */
const LETS_IN = 'auth.login_with_token'

const judgeEnded = ({ facts, history }: World): Violation[] => {
  const found: Violation[] = []
  const sessionsOf = sessionFinder(facts)
  const endsOf = memoize((session: Session) => deadlyEnds(facts, session))
  for (const op of history.ops) {
    const sessions = OPEN.test(op.method) ? [] : sessionsOf(op)
    if (sessions.length === 0) continue
    const ends = sessions.map(
      (session) =>
        endsOf(session).find(({ end }) => end.op !== op && !end.leaves?.has(op.method)) ?? null,
    )
    // Served by one that nothing had ended, perhaps.
    if (ends.some((one) => one === null)) continue
    const [last] = ends.filter((one) => one !== null).toSorted((a, b) => b.since - a.since)
    if (last === undefined) continue
    const { end, since } = last
    const whose = `${sessions[0]?.label}, which #${end.op.n} (${end.text}) had ended at ${since.toFixed(3)}`
    const late = op.effects.find((effect) => isChange(effect) && effect.at > since)
    const ops = [end.op, op]
    if (late !== undefined && op.method !== LETS_IN)
      found.push({
        promise: 'ended-changes',
        text: `#${op.n} ${op.method} made a change at ${late.at.toFixed(3)} by ${whose}`,
        ops,
      })
    else if (op.outcome?.kind === 'ok' && op.outcome.value !== false && op.invoked > since)
      found.push({
        promise: 'ended-passes',
        text: `#${op.n} ${op.method}, asked at ${op.invoked.toFixed(3)}, was answered by ${whose}`,
        ops,
      })
  }
  return found
}

/** What has ended a session for certain, the first first: a demotion leaves it some calls. */
const deadlyEnds = (facts: Facts, session: Session): { end: End; since: number }[] =>
  facts.ends
    .flatMap((end) => {
      const fate = fateOfSession({ ...facts, ends: [end] }, session)
      return fate.is === 'dead' ? [{ end, since: fate.since }] : []
    })
    .toSorted((a, b) => a.since - b.since)

const memoize = <K extends object, V>(make: (key: K) => V): ((key: K) => V) => {
  const known = new Map<K, V>()
  return (key) => {
    const value = known.get(key) ?? make(key)
    known.set(key, value)
    return value
  }
}

const judgePasses = ({ facts }: World): Violation[] =>
  facts.passes.flatMap(({ op, secret, passed, asker }): Violation[] => {
    if (passed && asker !== undefined && asker.tenant !== secret.tenant) {
      const text = `#${op.n} of ${asker.label} was told of ${secret.label}`
      return [{ promise: 'isolation', text, ops: [op] }]
    }
    const fate = fateOfSecret(facts, secret)
    if (!passed || fate.is !== 'dead' || op.invoked <= fate.since) return []
    const text = `${secret.label} passed #${op.n} at ${op.invoked.toFixed(3)}, and #${fate.by.op.n} (${fate.by.text}) has ended it at ${fate.since.toFixed(3)}`
    return [{ promise: 'dead-passes', text, ops: [secret.born, fate.by.op, op] }]
  })

/** Each of them is one transaction, or none. */
const WHOLE = new Set([
  'api_key.create',
  'api_key.update',
  'api_key.revoke',
  'api_key.delete',
  'user.create',
  'device.enroll',
  'device.invite',
])
const GIVES_SECRET = new Set(['api_key.create', 'api_key.update', 'device.enroll'])

const judgeTold = ({ history }: World): Violation[] =>
  history.ops.flatMap((op): Violation[] => {
    const { method, outcome, n } = op
    const at = isTakenBack(op) ? null : changedAt(op)
    const internal = outcome?.kind === 'unknown' && INTERNAL.test(outcome.text)
    const words = outcome === null || outcome.kind === 'ok' ? '' : outcome.text
    if (internal)
      return [{ promise: 'internal', text: `#${n} ${method} was told: ${words}`, ops: [op] }]
    if (!WHOLE.has(method)) return []
    if (outcome?.kind === 'refused' && at !== null)
      return [
        {
          promise: isSecretGiven(op) ? 'lost-secret' : 'told-failed',
          text: `#${n} ${method} was done at ${at.toFixed(3)} and told as refused: ${words}`,
          ops: [op],
        },
      ]
    if (outcome?.kind === 'ok' && at === null && method !== 'api_key.revoke')
      return [
        { promise: 'told-done', text: `#${n} ${method} was acknowledged and not done`, ops: [op] },
      ]
    return []
  })

/** Whether a call has removed what it made: the owner of a new key was gone. */
const isTakenBack = ({ method, effects }: Op): boolean =>
  method === 'api_key.create' &&
  effects.some(({ touched }) =>
    touched.writes.some(({ kind, sk }) => kind === 'delete' && sk.startsWith('KEY#')),
  )

const isSecretGiven = ({ method, params }: Op): boolean =>
  GIVES_SECRET.has(method) && (method !== 'api_key.update' || params.includes('"reset":true'))

/** Slugs stand in all names. */
const judgeSeen = ({ facts, history }: World): Violation[] =>
  history.ops.flatMap((op): Violation[] => {
    if (op.session === null || op.outcome?.kind !== 'ok') return []
    const text = JSON.stringify(op.outcome.value)
    const others = facts.tenants.filter(
      (slug) => slug !== op.session?.tenant && text?.includes(slug),
    )
    if (others.length === 0) return []
    return [{ promise: 'isolation', text: `#${op.n} ${op.method} shows ${others}`, ops: [op] }]
  })
