/** Tenants, as the operator makes them, with an administrator whose key nothing ends. */
import { askHttp, type Client, openSocket } from '../client.ts'
import type { Secret } from '../history.ts'
import type { World } from '../world.ts'
import { createKey } from './keys.ts'
import { logIn, logInByPassword, okOf } from './logins.ts'
import { createUser } from './users.ts'

export const ROOT_PASSWORD = 'correct horse'

export type Tenant = {
  readonly slug: string
  /** Of the first administrator, who stays. */
  readonly key: Secret
  readonly root: Client
  /** Opens a socket of the administrator's by their key. */
  readonly socket: (name: string) => Promise<Client>
}

/** In calm weather: everything here must succeed. */
export const newTenant = async (world: World, slug: string): Promise<Tenant> => {
  world.facts.tenants.push(slug)
  const headers = { authorization: `Bearer ${world.operator.token}` }
  const json = { slug, admin: { username: 'root', password: ROOT_PASSWORD } }
  const made = await askHttp(world, 'operator', 'main', { path: '/v1/tenants', headers, json })
  if (okOf(made) === null) throw new Error(`no tenant: ${JSON.stringify(made.outcome)}`)
  const root = await openSocket(world, `${slug}-root`, { tenant: slug })
  if (!(await logInByPassword(world, root, 'root', ROOT_PASSWORD))) throw new Error('no login')
  const key = must(await createKey(world, root, { name: `${slug} root`, username: 'root' }))
  const socket = async (name: string): Promise<Client> => {
    const client = await openSocket(world, name, { tenant: slug })
    must(await logIn(world, client, key))
    return client
  }
  return { slug, key, root, socket }
}

export type Person = { readonly id: number; readonly username: string; readonly key: Secret }

/** A user with a key of their own. */
export const newPerson = async (
  world: World,
  { root, slug }: Tenant,
  name: string,
  roles: readonly string[],
  password?: string,
): Promise<Person> => {
  const username = `${slug}-${name}`
  const asked = { username, roles, ...(password !== undefined && { password }) }
  const id = must(await createUser(world, root, asked))
  const key = must(await createKey(world, root, { name: `${username} key`, username }))
  return { id, username, key }
}

export const must = <T>(value: T | null): T => {
  if (value === null) throw new Error('what had to succeed in calm weather was refused')
  return value
}
