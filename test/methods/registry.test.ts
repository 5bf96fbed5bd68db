/** The registry whole: what no test of a single method can forget. */
import { describe, expect, it } from 'vitest'
import { QueryFilters } from '../../shared/domain/query/filters.ts'
import { METHODS } from '../../shared/methods/index.ts'
import type { Access, Method } from '../../shared/rpc/method.ts'

/** Who may call what. */
const ACCESS: readonly (readonly [who: Access, methods: readonly string[], devices?: true])[] = [
  ['anybody-uncounted', ['core.set_options']],
  [
    'anybody',
    [
      ...['auth.login', 'auth.login_ex', 'auth.login_ex_continue', 'auth.login_with_api_key'],
      ...['auth.login_with_token', 'auth.mechanism_choices', 'core.ping', 'device.enroll'],
    ],
  ],
  [
    'session',
    [
      ...['auth.generate_token', 'core.get_jobs', 'user.set_password'],
      ...['user.confirm_2fa_secret', 'user.renew_2fa_secret'],
    ],
  ],
  [
    'session',
    [
      ...['auth.logout', 'auth.me', 'core.get_methods', 'core.get_services'],
      ...['core.subscribe', 'core.unsubscribe'],
    ],
    true,
  ],
  [['AUTH_SESSIONS_READ'], ['auth.sessions']],
  [['AUTH_SESSIONS_WRITE'], ['auth.terminate_other_sessions', 'auth.terminate_session']],
  [
    ['API_KEY_READ'],
    [
      ...['api_key.convert_raw_key', 'api_key.get_instance', 'api_key.last_used', 'api_key.query'],
      ...['device.get_instance', 'device.query'],
    ],
  ],
  [['READONLY_ADMIN', 'API_KEY_READ'], ['api_key.my_keys']],
  [
    ['READONLY_ADMIN', 'API_KEY_WRITE'],
    ['api_key.create', 'api_key.delete', 'api_key.revoke', 'api_key.update'],
  ],
  [['API_KEY_WRITE'], ['device.delete', 'device.invite']],
  [['ACCOUNT_READ'], ['user.get_instance', 'user.query']],
  [['ACCOUNT_WRITE'], ['user.create', 'user.delete', 'user.unset_2fa_secret', 'user.update']],
]

const allowed = new Map(
  ACCESS.flatMap(([access, methods, devices = false]) =>
    methods.map((name) => [name, { access, devices }] as const),
  ),
)

describe.each([...METHODS.values()])('$name', (method) => {
  it('may be called by these', () => {
    const { name, access, devices = false } = method
    const todo = `say in ACCESS of test/methods/registry.test.ts who may call ${name}, and show in a test of it who may not`
    expect(allowed.get(name), todo).toEqual({ access, devices })
  })

  it('takes filters as they are', () => {
    const todo =
      'by a wrapped QueryFilters nobody sees that it takes filters: they may be left out anyway'
    expect(wrapped(method), todo).toEqual([])
  })
})

it('nobody may call what is not there', () => {
  expect([...allowed.keys()].filter((name) => !METHODS.has(name))).toEqual([])
})

// ---------------------------------------------------------------------------------------------

type Schema = { readonly _zod: { readonly def: { readonly innerType?: Schema } } }

/** Parameters that are filters within something else. */
const wrapped = ({ params }: Method): string[] =>
  Object.entries(params).flatMap(([name, schema]) => {
    let inner = (schema as Schema)._zod.def.innerType
    while (inner !== undefined && (inner as unknown) !== QueryFilters)
      inner = inner._zod.def.innerType
    return inner === undefined ? [] : [name]
  })
