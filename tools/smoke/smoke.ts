/** One key's life on a deployment, from outside: made, good, reset, revoked, deleted; and a push. Leaves
 * nothing behind but entries in the tenant's audit. */
import { randomUUID } from 'node:crypto'
import { connect, http } from '../../local/client.ts'

export type Target = {
  /** `https://<host>`, without a path. */
  readonly http: string
  /** Of a socket, whole: `wss://…/api/current` behind an edge, `wss://…/api?version=current` without. */
  readonly sockets: string
  /** A FULL_ADMIN without a second factor, as `user@tenant`. */
  readonly user: string
  readonly password: string
  /** PEM of the certificate to trust, where no public authority vouches for it. */
  readonly ca?: string
}

/** @param say is told of each step that held. @throws Error that says which one didn't. */
export const smoke = async (target: Target, say: (step: string) => void): Promise<void> => {
  const { user, password } = target
  const trust = target.ca === undefined ? {} : { ca: target.ca }
  const health = await http(`${target.http}/healthz`, trust)
  hold(health.status === 200, `GET /healthz is answered ${health.status}`)
  say('HTTP answers')

  const socket = await connect(target.sockets, trust)
  try {
    const login = await socket.call<{ response_type: string }>('auth.login_ex', {
      mechanism: 'PASSWORD_PLAIN',
      username: user,
      password,
    })
    hold(login.response_type === 'SUCCESS', `the login is answered ${login.response_type}`)
    say('a socket opens, and the administrator logs in')
    await socket.call('core.subscribe', 'api_key.query')

    const username = user.replace(/@[^@]*$/, '')
    const name = `smoke ${randomUUID()}`
    const made = await socket.call<Made>('api_key.create', { name, username })
    try {
      await liveAndDie(made)
    } finally {
      await socket.call('api_key.delete', made.id)
    }
    say('it is deleted')
  } finally {
    socket.close()
  }

  async function liveAndDie(made: Made): Promise<void> {
    // A key may ask about itself; one that isn't good is refused with 401, whatever it asks.
    const ask = async (key: string) => {
      const form = { token: key }
      const url = `${target.http}/oauth2/introspect`
      const reply = await http(url, { ...trust, method: 'POST', bearer: key, form })
      hold([200, 401].includes(reply.status), `a check is answered ${reply.status}`)
      return reply.status === 200 && (reply.json() as { active: boolean }).active
    }
    hold(await ask(made.key), 'the new key is not active')
    say('a key is made, and passes its check')
    await within(
      10,
      socket.heard(({ params }) => params.id === made.id),
      'no event of the new key',
    )
    say('the socket hears of it')
    const reset = await socket.call<Made>('api_key.update', made.id, { reset: true })
    hold(await ask(reset.key), 'the reset key is not active')
    hold(!(await ask(made.key)), 'the secret from before the reset still passes')
    say('reset, its old secret is dead and the new one passes')
    await socket.call('api_key.revoke', made.id, { reason: 'smoke test' })
    hold(!(await ask(reset.key)), 'the revoked key still passes')
    say('revoked, it passes no more')
  }
}

// ---------------------------------------------------------------------------------------------

type Made = { readonly id: number; readonly key: string }

const hold = (right: boolean, otherwise: string): void => {
  if (!right) throw new Error(otherwise)
}

const within = async (seconds: number, what: Promise<unknown>, otherwise: string) => {
  const timeout = new AbortController()
  const late = new Promise<never>((_, fail) => {
    const timer = setTimeout(
      () => fail(new Error(`${otherwise} within ${seconds} s`)),
      seconds * 1000,
    )
    timeout.signal.addEventListener('abort', () => clearTimeout(timer))
  })
  await Promise.race([what, late]).finally(() => timeout.abort())
}
