import { expect, test } from 'vitest'
import { versionIn } from '../../functions/events/handshake.ts'
import { connectEvent } from '../../local/gateway/socket-events.ts'

const PEER = {
  domainName: 'keys.example',
  sourceIp: '192.0.2.1',
  userAgent: '',
  connectionId: 'x=',
  connectedAt: 0,
}
/** As the gateway makes the event. */
const read = (query: string) => versionIn(connectEvent(PEER, [], new URLSearchParams(query)))

test.each([
  ['', undefined],
  ['version=v25.10.0', 'v25.10.0'],
  ['version=', ''],
  ['Version=v25.10.0', null],
  ['version=v25.10.0&version=current', null],
  ['version=current&version=current', null],
  ['version=current&other=x', null],
  ['version[]=v25.10.0', null],
])('a handshake with ?%s is for %j', (query, version) => {
  expect(read(query)).toBe(version)
})

test('a gateway that tells each parameter once, or in null, is understood too', () => {
  expect(versionIn({ queryStringParameters: { version: 'current' } })).toBe('current')
  expect(versionIn({ queryStringParameters: null, multiValueQueryStringParameters: null })).toBe(
    undefined,
  )
  expect(versionIn({ queryStringParameters: { token: 'x' } })).toBeNull()
})
