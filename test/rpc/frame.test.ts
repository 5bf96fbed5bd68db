import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { workOn } from '../../shared/domain/carried.ts'
import { Fault, invalid, missing } from '../../shared/domain/fault.ts'
import { dataOf, faultAnswer, readFrame, success } from '../../shared/rpc/frame.ts'

const answerTo = (frame: unknown): unknown => {
  const read = readFrame(typeof frame === 'string' ? frame : JSON.stringify(frame))
  if (!('answer' in read)) return read
  return read.answer === null ? null : JSON.parse(read.answer)
}
const good = { jsonrpc: '2.0', method: 'core.ping', id: 'a' }

describe('a frame (docs/protocol/wire.md §1.3)', () => {
  it('is read with its params, which may be missing', () => {
    expect(answerTo({ ...good, params: [1] })).toEqual({
      id: 'a',
      method: 'core.ping',
      params: [1],
    })
    expect(answerTo(good)).toEqual({ id: 'a', method: 'core.ping', params: [] })
  })

  it('may have members that nobody knows', () => {
    expect(answerTo({ ...good, msg: 'method' })).toMatchObject({ method: 'core.ping' })
  })

  it.each([
    [{ ...good, jsonrpc: undefined }, "Missing 'jsonrpc' member"],
    [{ ...good, jsonrpc: 2 }, "'jsonrpc' member must be of type string and must be exactly '2.0'"],
    [{ ...good, id: 1.5 }, "'id' member must be of type null, string or number"],
    [{ ...good, id: {} }, "'id' member must be of type null, string or number"],
    [{ ...good, method: undefined }, "Missing 'method' member"],
    [{ ...good, method: '' }, "'method' member must be of type string"],
    [{ ...good, params: null }, "'params' member must be of type array"],
    [{ ...good, params: {} }, "'params' member must be of type array"],
  ])('%j is refused: %s', (frame, message) => {
    expect(answerTo(frame)).toEqual({
      jsonrpc: '2.0',
      error: { code: -32600, message },
      id: typeof frame.id === 'object' ? null : frame.id,
    })
  })

  it('has its id sent back digit by digit, also beyond 2⁵³', () => {
    for (const id of ['1795417493123456789', '-12345678901234567890123', '9007199254740993']) {
      const frame = `{"jsonrpc":"2.0","method":"x","params":[{"id":1}],"id": ${id}}`
      const read = readFrame(frame)
      if ('answer' in read) throw new Error('it was refused')
      expect(success(read.id, null)).toBe(`{"jsonrpc":"2.0","result":null,"id":${id}}`)
    }
  })

  it('gets no answer when it is a broken notification', () => {
    expect(answerTo({ jsonrpc: '2.0', params: null, method: 'x' })).toBeNull()
  })

  it.each([
    ['[]', 'Batch messages are not supported at this time'],
    ['[{"jsonrpc":"2.0"}]', 'Batch messages are not supported at this time'],
    ['3', 'Invalid Message Format'],
    ['"x"', 'Invalid Message Format'],
    ['null', 'Invalid Message Format'],
    ['{"$date":1}', 'Invalid Message Format'],
  ])('%s is −32700 with a null id', (frame, message) => {
    expect(answerTo(frame)).toEqual({ jsonrpc: '2.0', error: { code: -32700, message }, id: null })
  })

  it('of broken JSON is −32700 without data', () => {
    for (const text of ['', '{', '{"a":}', '\u0000', `${'['.repeat(60_000)}`])
      expect(answerTo(text)).toMatchObject({ error: { code: -32700 }, id: null })
  })

  it('never throws, whatever it is', () => {
    fc.assert(fc.property(fc.string(), (text) => void readFrame(text)))
    fc.assert(fc.property(fc.json(), (text) => void readFrame(text)))
  })
})

const wire = (error: unknown) => JSON.parse(faultAnswer('a', dataOf(error))).error

describe('a failure (docs/protocol/wire.md §1.4)', () => {
  it('always has trace and extra', () => {
    expect(wire(new Fault('NOT_AUTHENTICATED'))).toEqual({
      code: -32001,
      message: 'Method call error',
      data: {
        error: 207,
        errname: 'ENOTAUTHENTICATED',
        reason: '[ENOTAUTHENTICATED] Not authenticated',
        trace: null,
        extra: null,
      },
    })
  })

  it('of validation lists triples, one line of reason each', () => {
    expect(wire(invalid(['api_key_create', 'name must be unique']))).toEqual({
      code: -32602,
      message: 'Invalid params',
      data: {
        error: 22,
        errname: 'EINVAL',
        reason: '[EINVAL] api_key_create: name must be unique\n',
        trace: null,
        extra: [['api_key_create', 'name must be unique', 22]],
      },
    })
  })

  it('of a missing row has a null attribute and errno 2 inside 22', () => {
    expect(wire(missing('ApiKey', 99)).data).toMatchObject({
      error: 22,
      reason: '[ENOENT] None: ApiKey 99 does not exist',
      extra: [[null, 'ApiKey 99 does not exist', 2]],
    })
  })

  it('MatchNotFound has its bare text', () => {
    expect(wire(new Fault('MATCH_NOT_FOUND')).data).toMatchObject({
      error: 22,
      reason: 'MatchNotFound()',
    })
  })

  it('that is a bug of ours tells a reference and nothing else', () => {
    const { data } = wire(new TypeError('secret detail'))
    expect(data.reason).toMatch(/^\[EFAULT\] Internal error, reference [0-9a-f-]{36}$/)
  })

  it('that is a bug of ours in a request tells its id', () => {
    const { data } = workOn('the-frames-own=', () => wire(new TypeError('secret detail')))
    expect(data.reason).toBe('[EFAULT] Internal error, reference the-frames-own=')
  })
})
