/** The most that one who has a device's key, or another without rights, can ask for: just within the bounds, and beyond. */

import { MOST_MEMBERS } from '../../shared/domain/json.ts'
import { MOST_CONDITIONS } from '../../shared/domain/query/filters.ts'
import { MESSAGE } from '../../shared/limits/calls.ts'

export type Key = 'device' | 'weak' | 'reader'

export type Input = {
  readonly name: string
  readonly by: Key
} & ({ readonly frame: string } | { readonly path: string; readonly body: Body })

/** A body, or how it is made of the tokens that are asked about. */
export type Body =
  | { readonly json: (tokens: readonly string[]) => unknown }
  | { readonly form: string }

const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)

/** A call whose last parameter is made as long as a message may be. */
const call = (method: string, ...params: unknown[]): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })

/** As much of a text as fits into a frame. */
const filled = (before: string, item: string, after: string, between = ','): string => {
  const room = MESSAGE.session - before.length - after.length
  const count = Math.floor((room + between.length) / (item.length + between.length))
  return before + many(count, item).join(between) + after
}

const jobs = (...filters: unknown[]): string => call('core.get_jobs', filters)
const frameOf = (method: string, open: string, item: string, close: string): string =>
  filled(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":[${open}`, item, `${close}]}`)
/** Members are told apart by their numbers. */
const members = (method: string, open: string, close: string, count = MOST_MEMBERS): string => {
  const names = Array.from({ length: count }, (_, n) => `"k${n}":1`).join(',')
  return `{"jsonrpc":"2.0","id":1,"method":"${method}","params":[${open}${names}${close}]}`
}

/** Letters that differ, each of which may be missing. */
const optional = (count: number): string =>
  Array.from({ length: count }, (_, n) => `${String.fromCodePoint(0x4e00 + 2 * n)}?`).join('')

const weak = (name: string, frame: string): Input => ({ name, by: 'weak', frame })
const device = (name: string, frame: string): Input => ({ name, by: 'device', frame })
const reader = (name: string, frame: string): Input => ({ name, by: 'reader', frame })

const READ = 'api_key.query'

export const INPUTS: readonly Input[] = [
  device('a method that is not there, 64 kB of lists, refused', frameOf('x', '', '[]', '')),
  device('6000 members for it, refused', members('x', '{', '}', 6000)),
  device('64 kB of quotation marks', frameOf('x', '', '"\\""', '')),
  device(
    'a login by 64 kB',
    filled(
      '{"jsonrpc":"2.0","id":1,"method":"auth.login_with_api_key","params":["',
      'x',
      '"]}',
      '',
    ),
  ),
  device('a login with 1000 members that are not known', members('auth.login_ex', '{', '}')),
  device('core.set_options with as many', members('core.set_options', '{', '}')),
  device('core.get_methods', call('core.get_methods')),
  device('core.get_services', call('core.get_services')),
  device('auth.me', call('auth.me')),
  device('core.get_jobs, which it may not call', jobs(...many(1000, ['a', '=', 1]))),
  weak('a pattern of 980 instructions', jobs(['a', '~', '.{980}'])),
  weak('12 Unicode classes without case', jobs(['a', '~', `(?i)${'\\pL'.repeat(12)}`])),
  weak('as many in one class', jobs(['a', '~', `(?i)[${'\\pL\\PN'.repeat(6)}]`])),
  weak('wide ranges without case', jobs(['a', '~', '(?i)[B-\\x{C0D5}]'])),
  weak('ranges of letters without case', jobs(['a', '~', `(?i)${'[A-ɏ]'.repeat(80)}`])),
  weak('such ranges × 80, refused', jobs(['a', '~', `(?i)${'[B-𞥂]'.repeat(80)}`])),
  weak('240 letters that may be missing', jobs(['a', '~', `^${optional(240)}$`])),
  weak('loops', jobs(['a', '~', '(?:.*)'.repeat(80)])),
  weak('90 patterns', jobs(...many(90, ['a', '~', 'a']))),
  weak('(a{0,1000}) × 46, refused', jobs(['a', '~', '(a{0,1000})'.repeat(46)])),
  weak(
    `${MOST_CONDITIONS} conditions`,
    jobs(...many(MOST_CONDITIONS, ['a.b.c', 'Cin', ['x', 'y']])),
  ),
  weak('64 kB of conditions, refused', frameOf('core.get_jobs', '[', '["a","=",1]', ']')),
  weak('one of, 13 000 nulls', frameOf('core.get_jobs', '[["a","in",[', 'null', ']]]')),
  weak('one of, 5000 numbers', frameOf('core.get_jobs', '[["a","in",[', '1000000001', ']]]')),
  weak(
    'a path of 30 000 steps',
    filled(
      '{"jsonrpc":"2.0","id":1,"method":"core.get_jobs","params":[[["a',
      '.x',
      '","=",1]]]}',
      '',
    ),
  ),
  weak('21 000 lists as a value, refused', frameOf('core.get_jobs', '[["a","=",[', '[]', ']]]')),
  weak('1000 members of extra', members('core.get_jobs', '[],{"extra":{', '}}')),
  weak('1000 options that are not there, refused', members('core.get_jobs', '[],{', '}')),
  weak('64 kB of wrong selectors, refused', frameOf('core.get_jobs', '[],{"select":[', '1', ']}')),
  weak('64 kB of sort keys, refused', frameOf('core.get_jobs', '[],{"order_by":[', '""', ']}')),
  weak(
    '32 000 levels, refused',
    filled('{"jsonrpc":"2.0","id":1,"method":"x","params":[', '[', '', ''),
  ),
  weak('auth.generate_token with 1000 attributes', members('auth.generate_token', '600,{', '}')),
  weak(
    'user.set_password',
    call('user.set_password', {
      username: 'weak',
      old_password: 'x'.repeat(1000),
      new_password: 'y'.repeat(1000),
    }),
  ),
  reader(
    '1000 conditions on all keys',
    call(READ, many(1000, ['name', '!=', 'x']), { count: true }),
  ),
  reader(
    '1000 conditions without case',
    call(READ, many(1000, ['name', 'C!=', 'x']), { count: true }),
  ),
  reader('a text of 60 kB, without case', call(READ, [['name', 'C=', 'ß'.repeat(60_000)]])),
  reader('loops on all keys', call(READ, [['name', '~', `${'.*'.repeat(200)}x`]])),
  reader('32 sort keys', call(READ, [], { order_by: many(32, 'name'), limit: 1 })),
  reader(
    '256 selectors',
    call(READ, [], { select: many(256, 'name'), limit: 1, order_by: ['-id'] }),
  ),
  {
    name: '100 keys that are good',
    by: 'device',
    path: '/v1/introspect',
    body: { json: (tokens) => ({ tokens }) },
  },
  {
    name: '100 keys that are not',
    by: 'device',
    path: '/v1/introspect',
    body: { json: () => ({ tokens: many(100, 'x'.repeat(1000)) }) },
  },
  {
    name: '128 kB of lists',
    by: 'device',
    path: '/v1/introspect',
    body: { json: () => many(40_000, []) },
  },
  {
    name: '16 kB of parameters',
    by: 'device',
    path: '/oauth2/introspect',
    body: { form: many(5000, 'a=&').join('') },
  },
]
