/** The first page: how to connect and to speak. Its longer parts have files of their own. */
import type { FC } from 'hono/jsx'
import { namesOf, VERSION_NAMES } from '../../shared/domain/versions.ts'
import { ErrorsSection } from './errors.tsx'
import type { Page } from './layout.tsx'
import { LimitsSection } from './limits.tsx'
import { LoginSection } from './login.tsx'
import { type Docs, isCurrent } from './model.ts'
import { Code, Frames, methodLink, Note, Section, Table } from './parts.tsx'

export const overviewPage = (docs: Docs): Page => ({
  path: 'index.html',
  title: 'JSON-RPC 2.0 over WebSocket',
  body: (
    <>
      <h1>JSON-RPC 2.0 over WebSocket</h1>
      <p class="lead">
        Keyharbor issues, checks, rotates, expires and revokes the API keys of fleets of NAS
        systems. It speaks the API of TrueNAS: one WebSocket, on which a client sends calls as{' '}
        <a href="https://www.jsonrpc.org/specification">JSON-RPC 2.0</a> and receives answers and
        events. This page is what you need to write a client.
      </p>
      <nav aria-label="On this page">
        <ul class="toc">
          {PARTS.map(([id, title]) => (
            <li>
              <a href={`#${id}`}>{title}</a>
            </li>
          ))}
        </ul>
      </nav>
      <Connecting docs={docs} />
      <Begin docs={docs} />
      <Requests docs={docs} />
      <Notifications docs={docs} />
      <Values docs={docs} />
      <LoginSection docs={docs} />
      <ErrorsSection docs={docs} />
      <LimitsSection docs={docs} />
    </>
  ),
})

// ---------------------------------------------------------------------------------------------

const PARTS = [
  ['connecting', 'Connecting'],
  ['begin', 'The first frames'],
  ['requests', 'Requests and answers'],
  ['notifications', 'Notifications'],
  ['values', 'Dates and other values'],
  ['login', 'Logging in'],
  ['errors', 'Errors'],
  ['limits', 'Limits'],
] as const

const Connecting: FC<{ docs: Docs }> = ({ docs }) => (
  <Section id="connecting" title="Connecting">
    <p>
      Open a WebSocket. No subprotocol, extension or header of authorization is needed: login is a
      call on the open socket.
    </p>
    <Table
      caption="Addresses"
      head={['Address', 'What']}
      rows={[
        ...(isCurrent(docs.version)
          ? [[<code>wss://HOST/api/current</code>, 'the newest version, today this one']]
          : []),
        ...namesOf(docs.version).map((name) => [
          <code>{`wss://HOST/api/${name}`}</code>,
          name === docs.version ? 'this version, for good' : 'another name of it',
        ]),
        [
          <code>GET https://HOST/api/versions</code>,
          `the list of versions: ${JSON.stringify(VERSION_NAMES)}`,
        ],
      ]}
    />
    <p>
      Members of answers differ by version. Name one in the address, and what you were promised
      stays as it is. A socket lives two hours at the most, and ten minutes without a frame: call{' '}
      {methodLink(docs, 'core.ping')} now and then, and when the socket closes, connect anew after a
      random pause, log in and subscribe again.
    </p>
    <Note title="Use wss, never ws.">
      A key that is sent over an unencrypted connection has been seen by others. If it proves right,
      the service revokes it on the spot, for the reason “Attempt to use over an insecure
      transport”, and answers <code>EXPIRED</code>.
    </Note>
    <Code
      label="A whole client (Node.js 22 or newer, or a browser)"
      text={`const socket = new WebSocket('wss://HOST/api/${docs.version}')
const waiting = new Map()
let last = 0
const call = (method, ...params) =>
  new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject })
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: last, method, params }))
  })
socket.onmessage = ({ data }) => {
  const { id, method, params, result, error } = JSON.parse(data)
  if (method) return console.log('told', method, params)
  const { resolve, reject } = waiting.get(id)
  waiting.delete(id)
  error ? reject(error) : resolve(result)
}
socket.onopen = async () => {
  await call('core.set_options', {})
  console.log(await call('auth.login_with_api_key', 'YOUR KEY'))
  console.log(await call('api_key.my_keys'))
}`}
    />
  </Section>
)

const Begin: FC<{ docs: Docs }> = ({ docs }) => (
  <Section id="begin" title="The first frames">
    <p>
      Clients of TrueNAS begin with {methodLink(docs, 'core.set_options')}. Here it may be left out.
      What must come first is a <a href="#login">login</a>.
    </p>
    <Frames lines={docs.talk.begin} />
  </Section>
)

const Requests: FC<{ docs: Docs }> = ({ docs }) => (
  <Section id="requests" title="Requests and answers">
    <p>One text frame is one request. Its members:</p>
    <Table
      caption="Members of a request"
      head={['Name', 'Type', 'Required', 'Meaning']}
      rows={[
        [<code>jsonrpc</code>, '"2.0"', 'yes', 'Always "2.0".'],
        [
          <code>id</code>,
          'string, integer or null',
          'no',
          'Your choice; the answer carries the same. Without it there is no answer.',
        ],
        [<code>method</code>, 'string', 'yes', 'The name of the method.'],
        [
          <code>params</code>,
          'list',
          'no; []',
          'Parameters by position. An object or null is refused.',
        ],
      ]}
    />
    <Frames lines={docs.talk.ping} />
    <p>
      An answer has either <code>result</code> or <a href="#errors">error</a>. Calls of one socket
      run at the same time, and are answered in any order: tell answers apart by <code>id</code>,
      and wait for the answer to a login before you send what needs it. Members of a request that do
      not exist are ignored. Batches are refused.
    </p>
  </Section>
)

const Notifications: FC<{ docs: Docs }> = ({ docs }) => (
  <Section id="notifications" title="Notifications">
    <p>
      A request without <code>id</code> is carried out and never answered, not even with an error.
    </p>
    <Frames lines={docs.talk.notification} />
    <p>
      The service sends notifications too: see <a href={`${docs.base}events/`}>API events</a>.
    </p>
    <Frames lines={docs.talk.removed} />
  </Section>
)

const Values: FC<{ docs: Docs }> = ({ docs }) => (
  <Section id="values" title="Dates and other values">
    <p>JSON has no dates and no sets. They are objects with one member, both ways:</p>
    <Table
      caption="Extended JSON"
      head={['Value', 'Written']}
      rows={[
        ['date and time', <code>{'{"$date": 1798761600000}'}</code>],
        ['set', <code>{'{"$set": ["FULL_ADMIN"]}'}</code>],
        ['time of day', <code>{'{"$time": "18:30:00"}'}</code>],
        ['date', <code>{'{"$type": "date", "$value": "2027-01-01"}'}</code>],
        ['IPv4 interface', <code>{'{"$ipv4_interface": "192.0.2.1/24"}'}</code>],
        ['IPv6 interface', <code>{'{"$ipv6_interface": "2001:db8::1/64"}'}</code>],
      ]}
    />
    <p>
      <code>$date</code> counts milliseconds since 1 January 1970 UTC. The service sends whole
      seconds. A wrong value inside is refused like broken JSON, and a text or a number where a date
      is wanted like any other wrong type:
    </p>
    <Frames lines={docs.talk['date-text']} />
    <Frames lines={docs.talk.date} />
  </Section>
)
