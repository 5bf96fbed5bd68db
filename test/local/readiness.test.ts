/** `/readyz` on one machine says too whether the readers of the table's stream keep up. */
import { expect, it } from 'vitest'
import { withReaders } from '../../local/readiness.ts'

const asked = async (value: unknown, behind: Record<string, number>) => {
  const outcome = await withReaders(
    async () => ({ kind: 'returned', value }),
    () => behind,
  )({})
  if (outcome.kind !== 'returned') throw new Error(outcome.kind)
  const { statusCode, headers, body } = outcome.value as Record<string, never>
  return { statusCode, headers, body }
}
const headers = { 'content-type': 'application/json', 'x-request-id': 'r1' }
const ready = { statusCode: 200, headers, body: '{"status":"ok","table":"ok","kms":"ok"}' }

it('has the readers beside the rest, and is unavailable where one is late', async () => {
  expect(await asked(ready, { close: 0.1, tell: 10 })).toEqual({
    ...ready,
    body: '{"status":"ok","table":"ok","kms":"ok","close":"ok","tell":"ok"}',
  })
  expect(await asked(ready, { close: 0.1, tell: 10.1 })).toEqual({
    statusCode: 503,
    headers: { ...headers, 'retry-after': '10' },
    body: '{"status":"unavailable","table":"ok","kms":"ok","close":"ok","tell":"unavailable"}',
  })
  expect(await asked(ready, { close: 0.1, journal: 99 })).toEqual({
    ...ready,
    body: '{"status":"ok","table":"ok","kms":"ok","close":"ok","journal":"unavailable"}',
  })
  const down = { ...ready, statusCode: 503, body: '{"status":"unavailable","table":"unavailable"}' }
  expect(await asked(down, { close: 0 })).toEqual({
    ...down,
    body: '{"status":"unavailable","table":"unavailable","close":"ok"}',
  })
})

it('hands on what is no answer of the route', async () => {
  for (const other of [
    { statusCode: 405, headers, body: '{"error":"method_not_allowed"}' },
    { statusCode: 200, headers, body: '' },
  ])
    expect(await asked(other, { close: 99 })).toEqual(other)
  const threw = { kind: 'threw', error: 1 } as const
  expect(
    await withReaders(
      async () => threw,
      () => ({}),
    )({}),
  ).toBe(threw)
})
