/** Logging in and out, and what is known of sessions then. */
import { type Client, openSocket } from '../client.ts'
import type { Op, Secret, Session } from '../history.ts'
import type { World } from '../world.ts'

/** Logs in by a key. @returns the session, or null where it was refused or nobody knows. */
export const logIn = async (
  world: World,
  client: Client,
  secret: Secret,
): Promise<Session | null> => {
  const op = await client.call('auth.login_with_api_key', secret.raw)
  const isIn = okOf(op) === true
  world.facts.passes.push({ op, secret, passed: isIn })
  return opened(world, client, op, secret.username, { isIn, secret })
}

export const logInByPassword = async (
  world: World,
  client: Client,
  username: string,
  password: string,
): Promise<Session | null> => {
  const login = { mechanism: 'PASSWORD_PLAIN', username: `${username}@${client.tenant}`, password }
  const op = await client.call('auth.login_ex', login)
  const answer = okOf(op) as { response_type?: string } | null
  return opened(world, client, op, username, { isIn: answer?.response_type === 'SUCCESS' })
}

/** Logs in by a token that a session made. */
export const logInByToken = async (
  world: World,
  client: Client,
  token: string,
  parent: Session,
): Promise<Session | null> => {
  const op = await client.callBy(parent, 'auth.login_with_token', token)
  const { username, secret } = parent
  return opened(world, client, op, username, { isIn: okOf(op) === true, secret, parent })
}

/** A socket on which somebody is logged in. */
export const signIn = async (world: World, name: string, secret: Secret): Promise<Client> => {
  const client = await openSocket(world, name, { tenant: secret.tenant })
  await logIn(world, client, secret)
  return client
}

/** Ends the client's session. */
export const logOut = async (world: World, client: Client): Promise<Op> => {
  const session = client.session()
  const op = await client.call('auth.logout')
  world.facts.ends.push({
    op,
    text: `logout of ${session?.label}`,
    secrets: () => false,
    sessions: (one) => one === session,
  })
  return op
}

/** Ends all sessions of a tenant but the client's. */
export const endOtherSessions = async (world: World, client: Client): Promise<Op> => {
  const own = client.session()
  const op = await client.call('auth.terminate_other_sessions')
  world.facts.ends.push({
    op,
    text: 'terminate_other_sessions',
    inSteps: true,
    secrets: () => false,
    sessions: (one) => one.tenant === client.tenant && one !== own,
  })
  return op
}

export const okOf = (op: Op): unknown => (op.outcome?.kind === 'ok' ? op.outcome.value : null)

// ---------------------------------------------------------------------------------------------

/** Notes a session: also where nobody knows whether it was opened, or it was taken back. */
const opened = (
  { facts }: World,
  client: Client,
  op: Op,
  username: string,
  by: { isIn: boolean; secret?: Secret | null; parent?: Session },
): Session | null => {
  const { isIn } = by
  if (!isIn && op.effects.length === 0) return null
  const session: Session = {
    label: `s${facts.sessions.length + 1}(${by.secret?.label ?? `${username}'s password`})`,
    client: client.name,
    tenant: client.tenant,
    username,
    secret: by.secret ?? null,
    parent: by.parent ?? null,
    opened: op,
    ask: (method) => client.call(method),
    isCurrent: () => client.session() === session,
  }
  facts.sessions.push(session)
  const before = client.session()
  if (isIn) client.setSession(session)
  if (isIn && before !== null)
    facts.ends.push({
      op,
      text: `login in place of ${before.label}`,
      inSteps: true,
      secrets: () => false,
      sessions: (one) => one === before,
    })
  return isIn ? session : null
}
