/** Which function an HTTP API gives a request to, and what the event says of it. */
import { expect, it } from 'vitest'
import { createRouter } from '../../local/gateway/routes.ts'
import { lambda } from '../../local/lambda.ts'

const route = (...keys: string[]) =>
  createRouter(Object.fromEntries(keys.map((key) => [key, lambda(key, async () => key, 1)])))

const ALL = ['$default', 'GET /{all+}', 'ANY /a', 'POST /a', 'ANY /a/{id}', 'GET /a/{id}/b.c']

it.each([
  ['POST', '/a', 'POST /a', {}],
  ['GET', '/a', 'ANY /a', {}],
  ['PUT', '/a/7', 'ANY /a/{id}', { id: '7' }],
  ['GET', '/a/7/b.c', 'GET /a/{id}/b.c', { id: '7' }],
  ['GET', '/a/7/bxc', 'GET /{all+}', { all: 'a/7/bxc' }],
  ['GET', '/a/', 'GET /{all+}', { all: 'a/' }],
  ['PUT', '/b', '$default', {}],
])('%s %s goes to %s', (method, path, key, pathParameters) => {
  expect(route(...ALL)(method, path)).toMatchObject({ routeKey: key, pathParameters })
})

it('there is none for what no key fits', () => {
  expect(route('POST /a')('GET', '/a')).toBeNull()
})

it('refuses a key that is none', () => {
  expect(() => route('a')).toThrow('"a" is no route key')
})
