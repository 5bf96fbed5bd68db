/** Changes of users, and whose sessions and keys they end. */
import type { Client } from '../client.ts'
import type { Op } from '../history.ts'
import type { World } from '../world.ts'
import { okOf } from './logins.ts'

type NewUser = { username: string; roles: readonly string[]; password?: string }

/** @returns the user's id, or null. */
export const createUser = async (
  world: World,
  client: Client,
  asked: NewUser,
): Promise<number | null> => {
  const op = await client.call('user.create', { ...asked, full_name: asked.username })
  world.facts.makes.push({ op, what: 'user', name: asked.username, tenant: client.tenant })
  return (okOf(op) as { id: number } | null)?.id ?? null
}

type User = { readonly id: number; readonly username: string }

export const lockUser = async (
  world: World,
  client: Client,
  { id, username }: User,
): Promise<Op> => {
  const op = await client.call('user.update', id, { locked: true })
  ends(world, client, op, username, `lock of ${username}`)
  return op
}

export const deleteUser = async (
  world: World,
  client: Client,
  { id, username }: User,
): Promise<Op> => {
  const op = await client.call('user.delete', id)
  ends(world, client, op, username, `deletion of ${username}`)
  return op
}

/** Takes a user's roles but some. @param leaves what those let them do all the same. */
export const demoteUser = async (
  world: World,
  client: Client,
  { id, username }: User,
  roles: readonly string[],
  leaves: readonly string[],
): Promise<Op> => {
  const op = await client.call('user.update', id, { roles })
  ends(world, client, op, username, `demotion of ${username}`, new Set(leaves))
  return op
}

/** Another's password. Their sessions by the one before end. */
export const setPassword = async (
  world: World,
  client: Client,
  username: string,
  password: string,
): Promise<Op> => {
  const op = await client.call('user.set_password', { username, new_password: password })
  world.facts.ends.push({
    op,
    text: `another password for ${username}`,
    secrets: () => false,
    sessions: (one) =>
      one.tenant === client.tenant && one.username === username && one.secret === null,
  })
  return op
}

// ---------------------------------------------------------------------------------------------

const ends = (
  { facts }: World,
  { tenant }: Client,
  op: Op,
  username: string,
  text: string,
  leaves?: ReadonlySet<string>,
): void => {
  const isTheirs = (one: { tenant: string; username: string }): boolean =>
    one.tenant === tenant && one.username === username
  facts.ends.push({
    op,
    text,
    outranks: true,
    ...(leaves !== undefined && { leaves }),
    // Who keeps a role keeps good keys.
    secrets: (secret) => leaves === undefined && isTheirs(secret),
    sessions: isTheirs,
  })
}
