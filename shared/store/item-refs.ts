/** What an item's key says of it: the way back from `item-keys.ts`. Null, where there is one, for any other kind. */
import type { KeyRef } from '../domain/key.ts'
import type { Item, ItemKey } from './write.ts'

/** The key that an item of the listed kind belongs to. */
export const listedRef = (at: ItemKey): KeyRef | null => keyRef(/^T#(\d+) KEY#(\d+)$/, at)

/** The same of the checked kind. */
export const checkedRef = (at: ItemKey): KeyRef | null => keyRef(/^T#(\d+)#K#(\d+) CHECK$/, at)

/** The user that an item is. */
export const userRef = (at: ItemKey): { tenant: number; username: string } | null => {
  const [tenant, username] = read(/^T#(\d+) USER#(.*)/s, at)
  return username === undefined ? null : { tenant: Number(tenant), username }
}

/** The user whose change an item carries. */
export const propagationRef = (at: ItemKey): { tenant: number; uid: number } | null => {
  const [tenant, uid] = read(/^T#(\d+) PROPAGATE#(\d+)$/, at)
  return uid === undefined ? null : { tenant: Number(tenant), uid: Number(uid) }
}

/** The tenant of an entry in the operator's directory. */
export const directoryRef = ({ sk }: Item): number => Number(sk.slice('TENANT#'.length))

/** The connection that an item is. */
export const connectionRef = (at: ItemKey): string | null => read(/^C#(.*) CONN$/, at)[0] ?? null

/** Whose a subscription is. */
export const subscriptionRef = ({ sk }: Item): { connection: string; id: string } => {
  const [connection = '', id = ''] = sk.split('#')
  return { connection, id }
}

/** On which connection a session is, and whether the item is a copy of it. */
export const sessionRef = ({ pk, sk }: Item | ItemKey): { connection: string; isCopy: boolean } => {
  const parts: string[] = sk.split('#')
  // Sessions from before they had partitions of their own name no principal.
  const at = pk.includes('#S#') ? 3 : 2
  return { connection: parts[at] ?? '', isCopy: parts.length > at + 1 }
}

// ---------------------------------------------------------------------------------------------

const read = (form: RegExp, { pk, sk }: ItemKey): readonly string[] =>
  form.exec(`${pk} ${sk}`)?.slice(1) ?? []

const keyRef = (form: RegExp, at: ItemKey): KeyRef | null => {
  const [tenant, n] = read(form, at)
  return n === undefined ? null : { tenant: Number(tenant), n: Number(n) }
}
