/** Changes of keys, and what they mean for secrets and sessions. */
import { askHttp, type Client } from '../client.ts'
import type { Op, Secret } from '../history.ts'
import type { World } from '../world.ts'
import { okOf } from './logins.ts'

type Issued = { readonly id: number; readonly key: string; readonly username: string }

export const createKey = async (
  world: World,
  client: Client,
  asked: { name: string; username: string; expires_at?: unknown },
): Promise<Secret | null> => {
  const op = await client.call('api_key.create', asked)
  world.facts.makes.push({ op, what: 'key', name: asked.name, tenant: client.tenant })
  return born(world, client, op, okOf(op) as Issued | null)
}

/** A new secret: the others end with it. */
export const resetKey = async (
  world: World,
  client: Client,
  id: number,
): Promise<Secret | null> => {
  const op = await client.call('api_key.update', id, { reset: true })
  endsKey(world, client, op, id, 'reset')
  return born(world, client, op, okOf(op) as Issued | null)
}

export const renameKey = (_: World, client: Client, id: number, name: string): Promise<Op> =>
  client.call('api_key.update', id, { name })

/** @param end in milliseconds since the epoch. */
export const expireKey = (_: World, client: Client, id: number, end: number): Promise<Op> =>
  client.call('api_key.update', id, { expires_at: new Date(end) })

export const revokeKey = async (world: World, client: Client, id: number): Promise<Op> => {
  const op = await client.call('api_key.revoke', id, { reason: 'lost' })
  endsKey(world, client, op, id, 'revoke')
  return op
}

export const deleteKey = async (world: World, client: Client, id: number): Promise<Op> => {
  const op = await client.call('api_key.delete', id)
  endsKey(world, client, op, id, 'delete')
  world.facts.removes.push({ op, id })
  return op
}

/** Asks whether a secret is good, as a device does. @param asker whose key it asks by. */
export const checkKey = async (
  ...of: [world: World, client: string, asker: Secret, secret: Secret]
): Promise<boolean | null> => (await introspect(...of))?.active ?? null

/** The same, for what it may do: null where it is not good, or nobody knows. */
export const rolesOf = async (
  ...of: [world: World, client: string, asker: Secret, secret: Secret]
): Promise<string | null> => (await introspect(...of))?.scope ?? null

export const born = (
  { facts }: World,
  { tenant }: Client,
  op: Op,
  issued: Issued | null,
): Secret | null => {
  if (issued === null) return null
  const { id, key: raw, username } = issued
  const label = `${tenant}:key ${id % 1e9}/#${op.n}`
  const secret: Secret = { label, raw, id, tenant, username, born: op }
  facts.secrets.push(secret)
  return secret
}

// ---------------------------------------------------------------------------------------------

const introspect = async (world: World, client: string, asker: Secret, secret: Secret) => {
  const authorization = `Basic ${Buffer.from(asker.raw.replace('-', ':')).toString('base64')}`
  const path = '/oauth2/introspect'
  const request = { path, headers: { authorization }, form: { token: secret.raw } }
  const op = await askHttp(world, client, 'checks', request)
  const answer = okOf(op) as { body: { active: boolean; scope?: string } } | null
  world.facts.passes.push({ op, secret, passed: answer?.body.active === true, asker })
  world.facts.passes.push({ op, secret: asker, passed: answer !== null })
  return answer?.body
}

const endsKey = (
  { facts }: World,
  { tenant }: Client,
  op: Op,
  id: number,
  how: 'reset' | 'revoke' | 'delete',
): void => {
  const isIts = (secret: Secret | null): boolean => secret?.id === id && secret.born !== op
  facts.ends.push({
    op,
    text: `${how} of ${tenant}:key ${id % 1e9}`,
    outranks: how !== 'reset',
    secrets: isIts,
    sessions: ({ secret }) => isIts(secret),
  })
}
