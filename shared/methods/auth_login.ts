/**
 * The login methods of `auth.*`: what each generation of clients sends, and hears (docs/protocol/client.md §2.5,
 * docs/protocol/login.md §3).
 */
import * as z from 'zod'
import { Fault, invalid } from '../domain/fault.ts'
import { SecretText, since, Text } from '../domain/schema.ts'
import { isAtLeast } from '../domain/versions.ts'
import { type Call, openMethod } from '../rpc/method.ts'
import { loginWithKey } from '../sessions/key-login.ts'
import { count, type Login } from '../sessions/login.ts'
import { loginWithCode, loginWithPassword } from '../sessions/password-login.ts'
import { scramFinal, scramFirst } from '../sessions/scram-login.ts'
import { loginWithToken, makeReconnectToken } from '../sessions/token.ts'
import { Me, me } from './me.ts'

const Options = z
  .strictObject({
    user_info: z.boolean().default(true),
    reconnect_token: z.boolean().default(false),
  })
  .prefault({})

const OtpToken = z.strictObject({
  mechanism: z.literal('OTP_TOKEN'),
  otp_token: SecretText,
  login_options: Options,
})

const LoginData = z.discriminatedUnion('mechanism', [
  z.strictObject({
    mechanism: z.literal('API_KEY_PLAIN'),
    username: Text,
    api_key: SecretText,
    login_options: Options,
  }),
  z.strictObject({
    mechanism: z.literal('PASSWORD_PLAIN'),
    username: Text,
    password: SecretText,
    login_options: Options,
  }),
  z.strictObject({
    mechanism: z.literal('TOKEN_PLAIN'),
    token: SecretText,
    login_options: Options,
  }),
  OtpToken,
  z
    .strictObject({
      mechanism: z.literal('SCRAM'),
      scram_type: z.enum(['CLIENT_FIRST_MESSAGE', 'CLIENT_FINAL_MESSAGE']),
      rfc_str: Text,
    })
    .meta(since('v26.0.0')),
])

const LoginAnswer = z.discriminatedUnion('response_type', [
  z.strictObject({
    response_type: z.literal('SUCCESS'),
    user_info: Me.nullable(),
    authenticator: z.literal('LEVEL_1'),
    reconnect_token: z.string().nullable().optional().meta(since('v26.0.0')),
  }),
  z.strictObject({ response_type: z.literal('AUTH_ERR') }),
  z.strictObject({ response_type: z.literal('EXPIRED') }),
  z.strictObject({ response_type: z.literal('DENIED') }).meta(since('v26.0.0')),
  z.strictObject({ response_type: z.literal('OTP_REQUIRED'), username: z.string() }),
  z
    .strictObject({
      response_type: z.literal('SCRAM_RESPONSE'),
      scram_type: z.enum(['SERVER_FIRST_RESPONSE', 'SERVER_FINAL_RESPONSE']),
      rfc_str: z.string(),
      user_info: Me.nullable(),
    })
    .meta(since('v26.0.0')),
])
type LoginAnswer = z.infer<typeof LoginAnswer>

export const mechanismChoices = openMethod({
  name: 'auth.mechanism_choices',
  summary: 'Names the mechanisms that `auth.login_ex` takes.',
  access: 'anybody',
  params: {},
  result: z.array(z.string()),
  run: (_, { connection, session }) => [
    'API_KEY_PLAIN',
    // Not for devices, which make no tokens (docs/protocol/login.md §3.1).
    ...(session?.device ? [] : ['TOKEN_PLAIN']),
    'PASSWORD_PLAIN',
    ...(isAtLeast(connection.version, 'v26.0.0') ? ['SCRAM'] : []),
  ],
})

export const loginEx = openMethod({
  name: 'auth.login_ex',
  summary: 'Logs in by a mechanism. A refusal is an answer, not an error.',
  access: 'anybody',
  params: { login_data: LoginData },
  result: LoginAnswer,
  run: async ({ login_data: data }, call) => {
    switch (data.mechanism) {
      case 'API_KEY_PLAIN':
        return answer(call, await loginWithKey(call, data.api_key, data.username), data)
      case 'PASSWORD_PLAIN':
        return answer(call, await loginWithPassword(call, data.username, data.password), data)
      case 'TOKEN_PLAIN':
        return answer(call, await loginWithToken(call, data.token), data)
      case 'OTP_TOKEN':
        return answer(call, await withCode(call, data), data)
      case 'SCRAM':
        return scram(call, data.scram_type, data.rfc_str)
    }
  },
})

export const loginExContinue = openMethod({
  name: 'auth.login_ex_continue',
  summary: 'Goes on with a login that asked for a second factor.',
  access: 'anybody',
  params: { login_data: OtpToken },
  result: LoginAnswer,
  run: async ({ login_data: data }, call) => answer(call, await withCode(call, data), data),
})

export const login = openMethod({
  name: 'auth.login',
  summary: 'Logs in by a password, for clients of 25.x. False if that fails, or a code is missing.',
  access: 'anybody',
  params: { username: Text, password: SecretText, otp_token: SecretText.nullable().default(null) },
  result: z.boolean(),
  run: async ({ username, password, otp_token }, call) => {
    const first = await loginWithPassword(call, username, password)
    if (first.outcome !== 'OTP_REQUIRED') return first.outcome === 'SUCCESS'
    const connection = await call.service.connections.get(call.connection.id)
    if (connection === null) return false
    const peer = { service: call.service, connection }
    if (otp_token === null) {
      // This method can't be continued, so nothing may stay pending.
      await call.service.connections.setPending(connection, null)
      return false
    }
    return (await loginWithCode(peer, otp_token, { mayRetry: false })).outcome === 'SUCCESS'
  },
})

export const loginWithApiKey = openMethod({
  name: 'auth.login_with_api_key',
  summary: 'Logs in by a key alone, for clients of 25.x and most others.',
  access: 'anybody',
  params: { api_key: SecretText },
  result: z.boolean(),
  run: async ({ api_key }, call) => (await loginWithKey(call, api_key, null)).outcome === 'SUCCESS',
})

export const loginWithTokenMethod = openMethod({
  name: 'auth.login_with_token',
  summary: 'Logs in by a token of `auth.generate_token`.',
  access: 'anybody',
  params: { token: SecretText },
  result: z.boolean(),
  run: async ({ token }, call) => (await loginWithToken(call, token)).outcome === 'SUCCESS',
})

// ---------------------------------------------------------------------------------------------

/** 25.x lets a caller try a code again, 26 doesn't (docs/protocol/login.md §3.2). */
const withCode = (call: Call, { otp_token }: z.output<typeof OtpToken>): Promise<Login> =>
  loginWithCode(call, otp_token, { mayRetry: !isAtLeast(call.connection.version, 'v26.0.0') })

const answer = async (
  { service, connection }: Call,
  login: Login,
  { login_options: options }: { login_options: z.output<typeof Options> },
): Promise<LoginAnswer> => {
  const from26 = isAtLeast(connection.version, 'v26.0.0')
  switch (login.outcome) {
    case 'SUCCESS': {
      const { session } = login
      const token = options.reconnect_token && from26
      return {
        response_type: 'SUCCESS',
        user_info: options.user_info ? await me(service, session) : null,
        authenticator: 'LEVEL_1',
        ...(from26 && {
          reconnect_token: token ? await makeReconnectToken(service, session, connection) : null,
        }),
      }
    }
    case 'DENIED':
      return { response_type: from26 ? 'DENIED' : 'AUTH_ERR' }
    case 'OTP_REQUIRED':
      return { response_type: 'OTP_REQUIRED', username: login.username }
    case 'AUTH_ERR':
    case 'EXPIRED':
      return { response_type: login.outcome }
  }
}

const scram = async (
  call: Call,
  type: 'CLIENT_FIRST_MESSAGE' | 'CLIENT_FINAL_MESSAGE',
  text: string,
): Promise<LoginAnswer> => {
  if (!isAtLeast(call.connection.version, 'v26.0.0'))
    throw invalid(['login_data.mechanism', 'SCRAM came with API version v26.0.0'])
  const response = { response_type: 'SCRAM_RESPONSE' } as const
  if (type === 'CLIENT_FIRST_MESSAGE') {
    const rfc_str = await scramFirst(call, text)
    if (rfc_str === null) {
      call.service.metrics.add('LoginFailed')
      return { response_type: 'AUTH_ERR' }
    }
    return { ...response, scram_type: 'SERVER_FIRST_RESPONSE', rfc_str, user_info: null }
  }
  const { login, message } = await scramFinal(call, text)
  count(call.service, login)
  if (login.outcome === 'OTP_REQUIRED') throw new Fault('INTERNAL')
  if (login.outcome !== 'SUCCESS' || message === null)
    return { response_type: login.outcome === 'DENIED' ? 'DENIED' : 'AUTH_ERR' }
  const user_info = await me(call.service, login.session)
  return { ...response, scram_type: 'SERVER_FINAL_RESPONSE', rfc_str: message, user_info }
}
