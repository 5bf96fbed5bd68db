import { describe, expect, expectTypeOf, it } from 'vitest'
import type { ApiKey, Events, Methods } from '../../client/api.ts'
import type { Params, QueryName, Row } from '../../client/types.ts'
import { apiSource, FILE } from '../../tools/client/api.ts'
import { typeOf } from '../../tools/client/types.ts'

it('is what the registry gives', async () => {
  await expect(apiSource(), 'npm run client writes it anew').toMatchFileSnapshot(FILE)
})

it('has parameters by position, with dates and choices', () => {
  expectTypeOf<Params<'api_key.get_instance'>[0]>().toEqualTypeOf<number>()
  expectTypeOf<Params<'auth.generate_token'>>().toExtend<readonly unknown[]>()
  expectTypeOf<[]>().toExtend<Params<'auth.generate_token'>>()
  expectTypeOf<[]>().not.toExtend<Params<'api_key.get_instance'>>()
  type Asked = Methods['api_key.create']['params'][0]
  expectTypeOf<Asked['expires_at']>().toEqualTypeOf<Date | null | undefined>()
})

it('has the rows of queries and of events', () => {
  expectTypeOf<'api_key.query'>().toExtend<QueryName>()
  expectTypeOf<'api_key.create'>().not.toExtend<QueryName>()
  expectTypeOf<Row<'api_key.query'>>().toEqualTypeOf<ApiKey>()
  expectTypeOf<Events['api_key.query']>().toEqualTypeOf<ApiKey>()
})

describe('a type', () => {
  const input = (schema: Record<string, unknown>): string => typeOf(schema, 'input')
  const output = (schema: Record<string, unknown>): string => typeOf(schema, 'output')
  const date = { type: 'object', format: 'ejson $date', additionalProperties: { type: 'integer' } }
  const set = {
    type: 'object',
    format: 'ejson $set',
    additionalProperties: { type: 'array', items: { type: 'string' } },
  }

  it.each([
    [{ type: 'integer' }, 'number'],
    [{ const: 'a' }, '"a"'],
    [{ enum: [1, 'a'] }, '1 | "a"'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ anyOf: [date, { type: 'null' }] }, 'Date | null'],
    [set, 'Set<string>'],
    [{ type: 'array', items: {} }, 'Array<unknown>'],
    [{ type: 'object', additionalProperties: { type: 'boolean' } }, 'Record<string, boolean>'],
    [
      { type: 'object', properties: { a: { type: 'null' }, b: date }, required: ['b'] },
      '{\nreadonly a?: null\nreadonly b: Date\n}',
    ],
  ])('of %j is %s', (schema, type) => expect(output(schema)).toBe(type))

  it('of what is given may be read-only', () => {
    expect(input({ type: 'array', items: set })).toBe('ReadonlyArray<ReadonlySet<string>>')
  })

  it('is an error for what is not known, rather than unknown', () => {
    expect(() => output({ allOf: [] })).toThrow('No type is known for the schema {"allOf":[]}')
  })
})
