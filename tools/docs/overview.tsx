/** How to speak to the service: connections, frames, errors, dates, limits. */
import { RPC } from '../../shared/rpc/frame.ts'
import { CALLS_IN_FLIGHT, MESSAGE, REPLY_BYTES } from '../../shared/rpc/limits.ts'
import { VERSIONS } from '../../shared/rpc/versions.ts'
import { Exchange, Json } from './json.tsx'
import { type Edition, hrefOf, versionOf } from './layout.tsx'
import { Logins } from './logins.tsx'

export const OverviewPage = ({ edition }: { readonly edition: Edition }) => (
  <>
    <h1>JSON-RPC 2.0 over WebSocket</h1>
    <p class="lead">
      Keyharbor speaks the API of TrueNAS systems, so that their clients work with it: JSON-RPC 2.0,
      a frame for each call, over a WebSocket.
    </p>

    <h2 id="connect">Connecting</h2>
    <p>
      The address is <code>wss://HOST/api/{versionOf(edition)}</code>; the version decides what
      entries and methods look like, for as long as the socket lives. <code>/api/current</code> is
      the newest. <code>GET /api/versions</code> lists them, today {VERSIONS.join(', ')}. No
      subprotocol, no header and no cookie is needed.
    </p>
    <p class="warning">
      <strong>Always TLS.</strong> A key that proves right over <code>ws://</code> or{' '}
      <code>http://</code> is revoked on the spot, for somebody may have read it on the way. There
      is no exemption for the own machine.
    </p>
    <p>The first call of every client settles the connection’s options:</p>
    <Exchange
      method="core.set_options"
      params={[{ legacy_jobs: false, private_methods: false, py_exceptions: false }]}
      answer={{
        result:
          versionOf(edition) === 'v25.04.0'
            ? null
            : { legacy_jobs: false, private_methods: false, py_exceptions: false },
      }}
    />

    <Logins edition={edition} />

    <h2 id="calls">Calls and answers</h2>
    <p>
      A call has <code>jsonrpc</code>, <code>id</code> (text or a number, yours to choose),{' '}
      <code>method</code> and <code>params</code>, a list: parameters are by position. Calls may
      overlap; an answer names its call by the id. A call without an id is a notification and gets
      no answer. Batches aren’t supported.
    </p>
    <Exchange method="core.ping" params={[]} answer={{ result: 'pong' }} />
    <p>
      The service sends two notifications of its own, <code>collection_update</code> and{' '}
      <code>notify_unsubscribed</code>: see{' '}
      <a href={hrefOf(edition, 'events/index.html')}>events</a>.
    </p>

    <h2 id="errors">Errors</h2>
    <p>
      An error has a code; <code>data</code> says more, with the errno’s number and name, and a
      reason for people.
    </p>
    <Json
      label="A call that is refused"
      value={{
        jsonrpc: '2.0',
        id: 7,
        error: {
          code: RPC.CALL_ERROR,
          message: 'Method call error',
          data: {
            error: 207,
            errname: 'ENOTAUTHENTICATED',
            reason: '[ENOTAUTHENTICATED] Not authenticated',
            trace: null,
            extra: null,
          },
        },
      }}
    />
    <Json
      label="Parameters that break a rule: each with its place, text and errno"
      value={{
        jsonrpc: '2.0',
        id: 8,
        error: {
          code: RPC.INVALID_PARAMS,
          message: 'Invalid params',
          data: {
            error: 22,
            errname: 'EINVAL',
            reason: '[EINVAL] api_key_create: name must be unique\n',
            trace: null,
            extra: [['api_key_create', 'name must be unique', 22]],
          },
        },
      }}
    />
    <div class="wide" tabindex={0}>
      <table>
        <caption>Codes</caption>
        <thead>
          <tr>
            <th scope="col">Code</th>
            <th scope="col">Means</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(CODES).map(([name, meaning]) => (
            <tr>
              <th scope="row">
                <code>{RPC[name as keyof typeof RPC]}</code>
              </th>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>

    <h2 id="extended-json">Dates and sets</h2>
    <p>
      JSON has neither, so they are objects with one member:{' '}
      <code>{'{"$date": milliseconds}'}</code> since the beginning of 1970 UTC, and{' '}
      <code>{'{"$set": list}'}</code>. The service answers whole seconds.
    </p>
    <Json
      label="A date and a set"
      value={{ expires_at: { $date: 1798761600000 }, roles: { $set: ['FULL_ADMIN'] } }}
    />

    <h2 id="limits">Limits</h2>
    <ul>
      <li>
        A message has at most {MESSAGE.anonymous.toLocaleString('en')} characters before the login
        and {MESSAGE.session.toLocaleString('en')} after it, in WebSocket frames of at most 32 kB.
        Beyond that the socket is closed (1007, 1009).
      </li>
      <li>
        An answer has at most {REPLY_BYTES / 1024} kB. A result that is larger is an error that says
        so: ask for fewer rows with <code>limit</code> and for fewer fields with <code>select</code>
        .
      </li>
      <li>{CALLS_IN_FLIGHT} calls at the same time on a socket, and 29 seconds for each.</li>
      <li>
        20 calls a minute of one method from one address, for what can be called before the login;
        each login counts, also of who is logged in.
      </li>
      <li>
        A socket without a message for 10 minutes is closed, and any after 2 hours: connect again,
        log in and subscribe. <code>core.ping</code> keeps it open.
      </li>
    </ul>
  </>
)

// ---------------------------------------------------------------------------------------------

const CODES: Readonly<Record<keyof typeof RPC, string>> = {
  INVALID_JSON: 'The frame is no JSON, or is a batch.',
  INVALID_REQUEST: 'It is no JSON-RPC request.',
  METHOD_NOT_FOUND: 'There is no such method in this version.',
  INVALID_PARAMS: 'Parameters break a rule.',
  INTERNAL: 'Kept for failures of the protocol itself; a call that fails answers −32001.',
  TOO_MANY_CALLS: 'Too many calls at the same time on this socket.',
  CALL_ERROR: 'The call was understood, and refused or failed: see its data.',
}
