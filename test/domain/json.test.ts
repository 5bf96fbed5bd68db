/** What is taken in can be told to others: JSON is read by one reader, and what passes it, all can read. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { decode, encode } from '../../shared/domain/ejson.ts'
import { DEEPEST, MOST_LISTS, MOST_MEMBERS, parseJson } from '../../shared/domain/json.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { bearer, send } from '../http/kit.ts'
import { type Sockets, startSockets } from '../kit/peer.ts'
import { addKey, addUser, newTenant, type Rig, startRig } from '../kit/service.ts'
import { streamed } from '../kit/streamed.ts'

/** Python's ends: `datetime`, `str.encode`, and what JavaScript counts exactly. */
const FIRST = Date.UTC(1970) - 62_135_596_800_000
const LAST = 253_402_300_799_999

/**
 * Whether the decoder of TrueNAS's Python client reads a value (docs/protocol/wire.md §1.6): `json.loads` with a hook
 * for each object that has one member of these names.
 */
const isReadByPython = (value: unknown, depth = 0): boolean => {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER
  if (value === null || typeof value !== 'object') return true
  if (depth > 900) return false
  if (!Object.keys(value).every((name) => name.isWellFormed())) return false
  if (!Object.values(value).every((inner) => isReadByPython(inner, depth + 1))) return false
  const [[name, inner] = [], more] = Object.entries(value)
  if (Array.isArray(value) || more !== undefined) return true
  if (name === '$date') return typeof inner === 'number' && inner >= FIRST && inner <= LAST
  if (name === '$set') return Array.isArray(inner) && inner.every(isHashable)
  return name !== '$time' || /^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$/.test(String(inner))
}

/** A datetime or a time of day is; a list, a set or an object isn't. */
const isHashable = (item: unknown): boolean =>
  typeof item !== 'object' ||
  item === null ||
  '$date' in item ||
  '$time' in item ||
  '$type' in item ||
  '$ipv4_interface' in item

const text = fc.string({
  unit: fc.constantFrom('a', '\u0000', '\ud83d', '\ude00', 'é', '"', ':', '\\'),
})
const number = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    -0,
    2 ** 53,
    -(2 ** 53),
    2 ** 63,
    1.83e15,
    LAST,
    LAST + 1,
    FIRST,
    FIRST - 1,
    Infinity,
  ),
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    text,
    number,
    fc.constantFrom(null, true),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', '$date', '$set')), tie('tree'), {
      maxKeys: 3,
    }),
    fc
      .tuple(fc.constantFrom('$date', '$set', '$time', '$ipv4_interface'), tie('tree'))
      .map(([tag, inner]) => ({ [tag]: inner })),
    number.map((ms) => ({ $date: ms })),
    fc.array(tie('tree'), { maxLength: 3 }).map((items) => ({ $set: items })),
    fc.constantFrom('23:59', '23:59:59.5', '24:00', 'x').map((time) => ({ $time: time })),
  ),
}))
/** As it is sent: what JSON has no number for is one that is too large. */
const written = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => (inner === Infinity ? '@' : inner)).replaceAll('"@"', '1e400')

test('whatever is read can be written, and read by TrueNAS’s clients', () => {
  let read = 0
  fc.assert(
    fc.property(tree, (value) => {
      let decoded: unknown
      try {
        decoded = decode(written(value))
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError)
        return
      }
      read += 1
      expect(isReadByPython(JSON.parse(encode(decoded)))).toBe(true)
    }),
    { numRuns: 2000 },
  )
  expect(read).toBeGreaterThan(500)
})

describe('JSON', () => {
  const lists = (deep: number): string => `${'['.repeat(deep)}${']'.repeat(deep)}`

  it.each([
    ['half a surrogate pair', '["\\ud800"]', 'a text has half a surrogate pair'],
    ['such a name', '{"\\udc00":1}', 'a text has half a surrogate pair'],
    ['2⁵³', '[9007199254740992]', 'a number is beyond ±9007199254740991, where digits are lost'],
    ['1e400', '1e400', 'a number is beyond ±9007199254740991, where digits are lost'],
    ['a member twice', '[{"a":1,"b":{"a":2},"a":1}]', 'a member is given twice in one object'],
    [
      'too many members',
      `{${Array.from({ length: MOST_MEMBERS + 1 }, (_, n) => `"${n}":1`)}}`,
      `an object has more than ${MOST_MEMBERS} members`,
    ],
    [
      'too many lists',
      `[${Array.from({ length: MOST_LISTS }, () => '[]')}]`,
      `there are more than ${MOST_LISTS} lists and objects`,
    ],
    ['lists too deep', lists(DEEPEST + 1), `lists and objects are nested deeper than ${DEEPEST}`],
    ['lists far too deep', lists(30_000), `lists and objects are nested deeper than ${DEEPEST}`],
  ])('with %s is refused', (_, given, why) => {
    expect(() => parseJson(given)).toThrow(why)
  })

  it.each([
    ['a whole pair', '["\\ud83d\\ude00"]', ['😀']],
    ['a NUL', '["a\\u0000b"]', ['a\u0000b']],
    ['the largest number', '9007199254740991', 2 ** 53 - 1],
    [
      'names in texts',
      '["\\"a\\":",{"a\\"":"b:"},{"a" \n:[{"a":1}]}]',
      ['"a":', { 'a"': 'b:' }, { a: [{ a: 1 }] }],
    ],
    ['a member __proto__', '{"__proto__":{"a":1}}', JSON.parse('{"__proto__":{"a":1}}')],
  ])('with %s is read', (_, given, value) => {
    expect(JSON.stringify(parseJson(given))).toBe(JSON.stringify(value))
  })

  it('is read as deep as is said, and counts every member', () => {
    expect(() => parseJson(lists(DEEPEST))).not.toThrow()
    fc.assert(
      fc.property(fc.json(), (given) => {
        const value = JSON.parse(given)
        fc.pre(isReadByPython(value))
        expect(JSON.stringify(parseJson(given))).toBe(JSON.stringify(value))
      }),
    )
  })
})

describe('what others could not read', () => {
  let rig: Rig
  let sockets: Sockets
  let admin: User
  beforeAll(async () => {
    rig = await startRig()
    sockets = startSockets(rig.service)
    admin = await newTenant(rig.service)
  })
  afterAll(() => rig.close())

  const FAR = 1_830_000_000_000_000

  it('is refused with the id that it came with, and nothing is made', async () => {
    const reader = await addUser(rig.service, admin.tenant, 'reader', ['READONLY_ADMIN'])
    const peer = await sockets.openAs(reader)
    const create = (params: string): Promise<string | null> =>
      peer.raw(`{"jsonrpc":"2.0","id":"x","method":"api_key.create","params":[${params}]}`)
    const refused = (message: string) =>
      `{"jsonrpc":"2.0","error":{"code":-32700,"message":"${message}"},"id":"x"}`
    expect(await create(`{"name":"far","username":"reader","expires_at":{"$date":${FAR}}}`)).toBe(
      refused('Error parsing $date: year 59960 is out of range'),
    )
    expect(await create('{"name":"\\ud800","username":"reader"}')).toBe(
      refused('a text has half a surrogate pair'),
    )
    expect(await create('{"name":"a","name":"b","username":"reader"}')).toBe(
      refused('a member is given twice in one object'),
    )
    expect(await peer.call('api_key.my_keys')).toHaveLength(1)
  })

  it('heals where it is stored: in lists, filters, events, checks, and for good with the next change', async () => {
    const { key, raw } = await addKey(rig.service, admin, { name: 'far', expires: FAR })
    const peer = await sockets.openAs(admin)
    const last = Math.floor(LAST / 1000) * 1000
    const listed = await peer.raw(
      '{"jsonrpc":"2.0","id":1,"method":"api_key.query","params":[[["name","=","far"],["expires_at","<=",{"$date":253402300799999}]]]}',
    )
    expect(isReadByPython(JSON.parse(listed ?? ''))).toBe(true)
    expect(listed).toContain(`"expires_at":{"$date":${last}}`)

    await peer.call('core.subscribe', 'api_key.query')
    await streamed(sockets.service, {
      key: itemKey.check(key),
      before: null,
      after: { ...key, expires: FAR },
    })
    await streamed(sockets.service, {
      key: itemKey.key(key),
      before: null,
      after: { ...key, expires: FAR },
    })
    const told = sockets.pushed.map(({ frame }) => encode(frame))
    expect(told.join()).toContain(`"expires_at":{"$date":${last}}`)

    const device = await addUser(rig.service, admin.tenant, 'device', ['KEY_VALIDATE'])
    const asker = await addKey(rig.service, device)
    const { body } = await send(rig.service, '/oauth2/introspect', {
      form: { token: raw.reveal() },
      headers: bearer(asker.raw.reveal()),
    })
    expect(body).toMatchObject({ active: true, exp: last / 1000 })

    await peer.call('api_key.update', key.id, { name: 'nearer' })
    const [healed] = await rig.service.keys.forCheck([key])
    expect(healed?.expires).toBe(LAST)
  })

  it('is refused in bodies too', async () => {
    const { raw } = await addKey(rig.service, admin)
    const reply = await send(rig.service, '/v1/introspect', {
      body: '{"tokens":["\\ud800"]}',
      headers: bearer(raw.reveal()),
    })
    expect([reply.status, reply.text]).toEqual([
      400,
      '{"error":"invalid_request","error_description":"The body is no I-JSON (RFC 7493): a text has half a surrogate pair."}',
    ])
  })
})
