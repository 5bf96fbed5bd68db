/** Logins on a service that answers by hand: what they send, what they keep, and what never shows. */
import { describe, expect, it } from 'vitest'
import { keyLogin, tokenLogin } from '../../client/login.ts'
import { type Answers, calm, failure, SILENCE, start } from './kit.ts'

const KEY = '1000000001-verySecretIndeed'
const PASSWORD = 'correct horse'
const who = { username: 'admin', password: PASSWORD }

const session = (first: string | null = null) => {
  const kept = { token: first }
  const login = tokenLogin({
    get: () => kept.token,
    set: (token) => {
      kept.token = token
    },
  })
  return { ...login, kept }
}

/** Answers logins as listed, one after the other. */
const inTurn = (...outcomes: object[]): Answers => {
  const left = [...outcomes]
  return ({ method }) => (method.startsWith('auth.login_ex') ? left.shift() : null)
}
const success = (token: string) => ({ response_type: 'SUCCESS', reconnect_token: token })
const OTP = { response_type: 'OTP_REQUIRED', username: 'admin' }
const WRONG = { response_type: 'AUTH_ERR' }

describe('a login by key', () => {
  it.each([
    ['AUTH_ERR', 'The key was refused'],
    ['EXPIRED', 'The key is expired or revoked'],
    ['DENIED', 'The owner of the key has no roles'],
  ])('that is answered %s is not tried again, and says why without the key', async (code, why) => {
    const login = keyLogin('admin', KEY)
    const { states, sockets, clock } = start(
      { login },
      { answers: inTurn({ response_type: code }) },
    )
    await calm()
    await clock.advance(120_000)
    expect(sockets).toHaveLength(1)
    expect(states).toEqual([['signedOut', { reason: why }]])
  })

  it('is refused where it would go in clear, unless that is asked for', async () => {
    const url = 'ws://127.0.0.1/api/current'
    const answers: Answers = ({ method }) => (method === 'auth.login_with_api_key' ? true : null)
    expect(() => start({ url, login: keyLogin(null, KEY) })).toThrow(TypeError)
    const login = keyLogin(null, KEY, { insecure: true })
    const { client } = start({ url, login }, { answers })
    await calm()
    expect(client.state).toBe('online')
  })

  it('shows the key in no error, however it fails', async () => {
    const login = keyLogin('admin', KEY.repeat(2000))
    const { states } = start({ login })
    await calm()
    expect(states.at(-1)?.[1].reason).toMatch(/^The call of auth\.login_ex has \d+ bytes/)
    expect(JSON.stringify(states)).not.toContain(KEY)
  })
})

describe('a login by token', () => {
  it('sends nothing without a token', async () => {
    const run = start({ login: session().login })
    await calm()
    expect(run.called).toEqual(['core.set_options'])
  })

  it('keeps its token when the socket went before the answer', async () => {
    const { login, kept } = session('first')
    const run = start({ login }, { answers: () => SILENCE })
    await calm()
    expect(run.called).toEqual(['core.set_options', 'auth.login_ex'])
    run.socket.drop()
    expect(kept.token).toBe('first')
    run.world.answers = inTurn(success('second'))
    await run.clock.advance(500)
    expect(run.socket.frames[1]?.params).toMatchObject([{ token: 'first' }])
    expect(kept.token).toBe('second')
  })

  it('is renewed every four minutes', async () => {
    const { login, kept } = session('first')
    const run = start({ login }, { answers: inTurn(success('second')) })
    await calm()
    run.world.answers = ({ method, params }) => method === 'auth.generate_token' && String(params)
    await run.clock.advance(240_000)
    expect(kept.token).toBe('600,[object Object],true,true')
  })

  it('is not renewed by a token that comes after the sign-out', async () => {
    const { renew, signOut, kept } = session('first')
    const { client } = start({}, { answers: () => 'late' })
    await calm()
    await Promise.all([renew(client.call), signOut(client.call)])
    expect(kept.token).toBeNull()
  })
})

describe('signing in', () => {
  it('repeats the password before each further code, three times at most', async () => {
    const { signIn, kept } = session()
    const answers = inTurn(OTP, WRONG, OTP, WRONG, OTP, WRONG)
    const run = start({}, { answers })
    const asked: string[] = []
    const code = async () => `${asked.push('code')}`
    expect(await signIn(run.client.call, { ...who, code })).toBe('AUTH_ERR')
    expect(run.called.slice(1)).toEqual(
      Array.from({ length: 3 }, () => ['auth.login_ex', 'auth.login_ex_continue']).flat(),
    )
    expect(asked).toHaveLength(3)
    expect(kept.token).toBeNull()
  })

  it('ends when the user gives up on the code', async () => {
    const { signIn } = session()
    const { client } = start({}, { answers: inTurn(OTP) })
    const code = () => Promise.reject(new Error('cancelled'))
    expect(await failure(signIn(client.call, { ...who, code }))).toMatchObject({
      message: 'cancelled',
    })
  })

  it('says that a code is asked for where nobody can give one', async () => {
    const { signIn } = session()
    const { client } = start({}, { answers: inTurn(OTP) })
    const error = await failure(signIn(client.call, who))
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).not.toContain(PASSWORD)
  })

  it('names the tenant behind the user', async () => {
    const { signIn, kept } = session()
    const { client, socket } = start({}, { answers: inTurn(success('token')) })
    expect(await signIn(client.call, { ...who, tenant: 'acme' })).toBe('SUCCESS')
    expect(socket.frames.at(-1)?.params).toMatchObject([{ username: 'admin@acme' }])
    expect(kept.token).toBe('token')
  })
})

it('signing out forgets the token even if the service is out of reach', async () => {
  const { signOut, kept } = session('token')
  const { client } = start({}, { opens: false })
  const out = failure(signOut(client.call))
  client.close()
  expect(await out).toMatchObject({ name: 'Disconnected' })
  expect(kept.token).toBeNull()
})
