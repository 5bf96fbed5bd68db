/**
 * Carries out calls with an idempotency key once: a repeat changes nothing, and its answer says what the first one did.
 * Failures aren't recorded, so they may be repeated. Of two calls at once one is done, and the other is its repeat. The
 * transaction of the change puts the record, so that one is there if and only if the other is. A record holds no secret.
 */
import { createHash } from 'node:crypto'
import type { Passwords } from '../crypto/password.ts'
import { Fault } from '../domain/fault.ts'
import type { Secret } from '../domain/secret.ts'
import type { Session } from './connection-items.ts'
import type { Db } from './db.ts'
import { itemKey } from './item-keys.ts'
import type { ItemKey, Write } from './write.ts'

export type OnceCall = {
  /** Null: the call has none, and is done each time. */
  readonly idempotencyKey: string | null
  /** Null for the operator. */
  readonly tenant: number | null
  /** Who calls: the same key of another is another one. */
  readonly credential: string
  readonly method: string
  /** All parameters that tell the call from others, but for those that are secret. */
  readonly params: unknown
  /** The parameter that people choose: it is stretched, so that nobody guesses it from the record. */
  readonly password?: Secret | null
}

type Deps = {
  readonly once: OnceStore
  readonly passwords: Pick<Passwords, 'stretch'>
  readonly now: () => number
}

/**
 * @param run does it, and records that in the same transaction; null where it could not be done.
 * @param repeated answers a repeat.
 * @throws Fault IDEMPOTENCY_KEY_REUSED for one with other parameters.
 */
export const doOnce = async <T>(
  { once: store, passwords, now }: Deps,
  call: OnceCall,
  run: (once?: Once) => Promise<T>,
  repeated: (done: Done) => T | Promise<T>,
): Promise<T> => {
  const { idempotencyKey } = call
  if (idempotencyKey === null) return run()
  const once = await onceOf(passwords, call, idempotencyKey)
  const before = await store.find(once, now())
  if (before !== null) return repeated(assertSame(once, before))
  // It may have failed because another call with this key was first: the name is taken, the token used.
  const repeatedMeanwhile = async (otherwise: () => T): Promise<T> => {
    const meanwhile = await store.find(once, now()).catch(() => null)
    return meanwhile === null ? otherwise() : repeated(assertSame(once, meanwhile))
  }
  const outcome = await run(once).then(
    (result) => ({ isDone: result !== null, give: () => result }),
    (error: unknown) => ({ isDone: false, give: () => fail(error) }),
  )
  return outcome.isDone ? outcome.give() : repeatedMeanwhile(outcome.give)
}

/** The refusal of a repeat whose answer would show a secret. @param advice what to do if the first never came. */
export const shownBefore = (what: string, advice: string, made?: number): Fault =>
  new Fault('ALREADY_DONE', { what, advice }, made === undefined ? {} : { made })

type Asked = { readonly idempotency_key: string | null; readonly [parameter: string]: unknown }

/** A call of a session. @param asked the parameters: all of them tell calls apart, but the idempotency key itself. */
export const onceIn = (
  { session: { tenant, uid, key } }: { readonly session: Pick<Session, 'tenant' | 'uid' | 'key'> },
  method: string,
  { idempotency_key: idempotencyKey, ...params }: Asked,
): OnceCall => ({
  idempotencyKey,
  tenant,
  // The user or key, and not the session, so that a repeat may come in another session.
  credential: key === null ? `user ${uid}` : `key ${key.n}`,
  method,
  params,
})

/** A call that is to be done once. */
export type Once = {
  /** Where it is recorded: follows from who calls, the method and the idempotency key. */
  readonly at: ItemKey
  /** Digest of the parameters. */
  readonly params: string
}

/** What such a call has done. */
export type Done = {
  readonly params: string
  /** What it made or changed, as the audit names it. */
  readonly subject: string | number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** For how long a key stands for the same call: 24 hours. */
export const ONCE_MS = 86_400_000

export const createOnceStore = (db: Db) => ({
  async find({ at }: Once, now: number): Promise<Done | null> {
    const item = await db.get(at)
    if (item === null || item.until <= now) return null
    return { params: item.params, subject: item.subject, at: item.at }
  },
})

export type OnceStore = ReturnType<typeof createOnceStore>

/** The record, as a part of the change. */
export const recording = (
  once: Once | undefined,
  subject: string | number,
  now: number,
): Write<'REPEATED'>[] => {
  if (once === undefined) return []
  const until = now + ONCE_MS
  const { at: key, params } = once
  return [
    {
      put: { ...key, params, subject, at: now, until, ttl: Math.ceil(until / 1000) },
      when: 'attribute_not_exists(#pk) OR #until <= :now',
      values: { now },
      conflict: 'REPEATED',
    },
  ]
}

// ---------------------------------------------------------------------------------------------

const onceOf = async (
  { stretch }: Deps['passwords'],
  { tenant, credential, method, params, password }: OnceCall,
  idempotencyKey: string,
): Promise<Once> => {
  const name = digestOf([credential, method, idempotencyKey])
  const plain = digestOf(params)
  const text = password
    ? (await stretch(password, Buffer.from(name + plain))).toString('base64url')
    : plain
  return { at: itemKey.once(tenant, name), params: text }
}

const fail = (error: unknown): never => {
  throw error
}

const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url')

const assertSame = (once: Once, done: Done): Done => {
  if (done.params !== once.params) throw new Fault('IDEMPOTENCY_KEY_REUSED')
  return done
}
