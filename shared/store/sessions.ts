/**
 * Sessions as they are listed: in partitions of a tenant's principals, so that all of one user, of one key and
 * of one connection are found by one strongly consistent query each. Beside each lie its copies (`copies.ts`).
 * What ends authority marks what the sessions depend on, then ends them here, and only then answers.
 */
import { atOnce } from '../domain/at-once.ts'
import { Fault } from '../domain/fault.ts'
import type { Actor } from './audit.ts'
import { ownerOf, type Session, sessionKey } from './connection-items.ts'
import { type Db, ENDING } from './db.ts'
import { type EndedLogins, endLogins, isLoginOver, type MarkedLogin } from './gate.ts'
import {
  DEVICE,
  itemKey,
  type Of,
  pad,
  SESSION_SHARDS,
  sessionsPk,
  shardOf,
  tenantPk,
} from './item-keys.ts'
import { sessionRef } from './item-refs.ts'
import { type Item, PRESENT, type Unaudited } from './write.ts'

export type ListedSession = {
  readonly connection: string
  readonly session: Session
  readonly address: string
  readonly secure: boolean
  /** It can change nothing any more, and its socket is about to be closed. */
  readonly ended: boolean
}

/** Some of a tenant's sessions: a principal's, or those of them that one holder opened. */
export type Some = { readonly principal: Of['principal']; readonly holder?: Of['holder'] }

export const createSessions = (db: Db) => {
  const itemsOf = (tenant: number, { principal, holder }: Some): AsyncGenerator<Item> =>
    db.list(
      sessionsPk(tenant, shardOf(principal)),
      `SESSION#${principal}#${holder === undefined ? '' : `${holder}#`}`,
    )

  return {
    /** All of a tenant, in the order of their logins. */
    async all(tenant: number): Promise<ListedSession[]> {
      const found: ListedSession[] = []
      const shards = Array.from({ length: SESSION_SHARDS }, (_, shard) => sessionsPk(tenant, shard))
      // Sessions from before they had partitions of their own are in the tenant's.
      await atOnce([tenantPk(tenant), ...shards], SHARDS_AT_ONCE, async (pk) => {
        for await (const item of db.list(pk, 'SESSION#'))
          if (isSession(item)) found.push(toListed(item))
      })
      return found.sort((a, b) => a.session.loginAt - b.session.loginAt)
    },

    /** Those of a principal or of one holder. */
    async *of(tenant: number, some: Some): AsyncGenerator<ListedSession> {
      for await (const item of itemsOf(tenant, some)) if (isSession(item)) yield toListed(item)
    },

    /** Those of all devices of a tenant: partition after partition. */
    async *ofDevices(tenant: number): AsyncGenerator<ListedSession> {
      for (let shard = 0; shard < SESSION_SHARDS; shard++)
        for await (const item of db.list(sessionsPk(tenant, shard), `SESSION#${DEVICE}`))
          if (isSession(item)) yield toListed(item)
    },

    /** The same of sessions from before they had partitions of their own: by key, or by password. */
    async *before(tenant: number, holder: { n: number } | { uid: number }) {
      const of = 'n' in holder ? `K${pad(holder.n)}` : `U${pad(holder.uid)}`
      for await (const item of db.list(tenantPk(tenant), `SESSION#${of}#`)) yield toListed(item)
    },

    /** Ends those that `ends` picks: no call of theirs changes anything from now on. A repeat skips those that are
     * ended, so it completes one that was cut short. */
    async end(tenant: number, some: Some, ends: (session: Session) => boolean): Promise<void> {
      const ending = async function* () {
        for await (const item of itemsOf(tenant, some))
          if (item.ended !== true && ends(item.session)) yield item
      }
      await atOnce(ending(), AT_ONCE, ({ pk, sk, session: { id } }) => {
        // Another session may have replaced it by now.
        const still = { when: '#session.#id = :id', values: { id } }
        return db.updateBlind({ update: { pk, sk }, set: { ended: true }, ...still }, ENDING)
      })
    },

    /** Marks those of all earlier logins as over. A list that is read after that is complete, since none of their
     * tokens opens another session.
     * @param caller the session that does it, and stays.
     * @throws Fault SESSION_EXPIRED where another's mark ended the caller; UNAVAILABLE for a clock behind that mark's. */
    async markAll(
      tenant: number,
      logins: EndedLogins,
      caller: MarkedLogin,
      actor: Actor,
    ): Promise<void> {
      const data = { event: 'session.terminate_others', subject: { session: caller.id } } as const
      const entry = { tenant, at: logins.before, actor, ...data }
      const conflict = await db.change(entry, endLogins(tenant, logins, caller), ENDING)
      if (conflict === null) return
      throw new Fault(isLoginOver(conflict.old, caller) ? 'SESSION_EXPIRED' : 'UNAVAILABLE')
    },

    /** Refuses changes by a principal's calls that were judged by rights older than a version. The sessions go on. */
    async restrict(tenant: number, some: Some, version: number): Promise<void> {
      const restricting = async function* () {
        for await (const item of itemsOf(tenant, some)) if (!(item.notBefore >= version)) yield item
      }
      await atOnce(restricting(), AT_ONCE, ({ pk, sk }) =>
        db.updateBlind(
          {
            update: { pk, sk },
            set: { notBefore: version },
            when: `${PRESENT} AND (attribute_not_exists(#notBefore) OR #notBefore < :version)`,
            values: { version },
          },
          ENDING,
        ),
      )
    },

    /** Deletes all copies of a tenant's sessions, so that calls in flight change nothing. The sessions stay: their next
     * calls are judged anew before they get other copies.
     * @param kept id of a session that keeps its copies. */
    async dropAllCopies(tenant: number, kept?: string): Promise<void> {
      const shards = Array.from({ length: SESSION_SHARDS }, (_, shard) => sessionsPk(tenant, shard))
      await atOnce(shards, SHARDS_AT_ONCE, async (pk) => {
        for await (const item of db.list(pk, 'SESSION#'))
          if (!isSession(item) && item.session.id !== kept)
            await db.transact<never>([{ delete: { pk, sk: item.sk } }], ENDING)
      })
    },

    /** Deletes a session's copies, so that its calls in flight change nothing. */
    dropCopies: (session: Session, connection: string) => dropCopies(db, session, connection),

    /** Whether a session was ended by hand; false once its item is gone. */
    async isEnded(session: Session, connection: string): Promise<boolean> {
      return (await db.get(sessionKey(session, connection)))?.ended === true
    },
  }
}

export type Sessions = ReturnType<typeof createSessions>

/** Marks a session as ended, before all else that ends it. */
export const endedByHand = (session: Session, connection: string): Unaudited<'GONE'> => ({
  update: sessionKey(session, connection),
  set: { ended: true },
  when: '#session.#id = :id',
  values: { id: session.id },
  conflict: 'GONE',
})

export const dropCopies = async (db: Db, session: Session, connection: string): Promise<void> => {
  const { pk, sk } = itemKey.session(session.tenant, ownerOf(session), connection)
  const copies = async function* () {
    for await (const item of db.list(pk, `${sk}#`)) if (item.session.id === session.id) yield item
  }
  await atOnce(copies(), AT_ONCE, (copy) =>
    db.transact<never>([{ delete: { pk, sk: copy.sk } }], ENDING),
  )
}

// ---------------------------------------------------------------------------------------------

const SHARDS_AT_ONCE = 16
const AT_ONCE = 16

const isSession = (item: Item): boolean => !sessionRef(item).isCopy

const toListed = (item: Item): ListedSession => ({
  connection: sessionRef(item).connection,
  session: item.session,
  address: item.address,
  secure: item.secure,
  ended: item.ended === true,
})
