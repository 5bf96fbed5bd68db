/** Events: what can be subscribed to, and what is heard then; and jobs, which are told the same way. */
import type { Examples } from '../../shared/docs/openrpc.ts'
import { EVENTS } from '../../shared/live/events.ts'
import { Exchange, Json } from './json.tsx'
import { type Edition, hrefOf } from './layout.tsx'

type Event = (typeof EVENTS)[number]
type Props = { readonly edition: Edition; readonly examples: Examples }

export const EventsPage = ({ edition, examples }: Props) => (
  <>
    <h1>API Events</h1>
    <p class="lead">Changes come to a socket that has subscribed to them, whoever made them.</p>
    <h2>Subscribing</h2>
    <p>
      <code>core.subscribe</code> takes the name of an event, or <code>*</code> for all that the
      caller may hear, and answers an id for <code>core.unsubscribe</code>. A connection has fifty
      subscriptions at the most. They end with the session: after a reconnect and a login, subscribe
      again and read anew what may have changed meanwhile.
    </p>
    <Exchange
      method="core.subscribe"
      params={['api_key.query']}
      answer={{ result: examples['core.subscribe']?.result ?? '(id)' }}
    />
    <h2>Events</h2>
    <dl class="methods">
      {EVENTS.map(({ name, summary }) => (
        <div>
          <dt>
            <a href={hrefOf(edition, `events/${name}.html`)}>
              <code>{name}</code>
            </a>
          </dt>
          <dd>{summary}</dd>
        </div>
      ))}
    </dl>
    <h2>When a subscription ends</h2>
    <p>
      Who loses the role for an event, or whose session ends, is told so; with the session the
      socket is closed too. Who reads too slowly is closed, with code 1013.
    </p>
    <Json
      label="A subscription has ended"
      value={{
        jsonrpc: '2.0',
        method: 'notify_unsubscribed',
        params: {
          collection: 'api_key.query',
          error: {
            error: 13,
            errname: 'EACCES',
            reason: '[EACCES] Session is expired',
            trace: null,
            extra: null,
          },
        },
      }}
    />
  </>
)

export const EventPage = ({ edition, event, examples }: Props & { readonly event: Event }) => {
  const { name, summary, roles } = event
  const row = examples['api_key.revoke']?.result as { id: number } | undefined
  const told = (msg: string, more: object) => ({
    jsonrpc: '2.0',
    method: 'collection_update',
    params: { msg, collection: name, id: row?.id ?? 1, ...more },
  })
  return (
    <>
      <h1>
        <code>{name}</code>
      </h1>
      <p class="lead">{summary}</p>
      <h2>Who may hear it</h2>
      {roles.length === 0 ? (
        <p>Everybody who is logged in.</p>
      ) : (
        <p>
          Who has{' '}
          {roles.map((role) => (
            <a href={hrefOf(edition, `roles.html#${role}`)}>
              <code>{role}</code>
            </a>
          ))}
          , at the moment of the event.
        </p>
      )}
      {name === 'api_key.query' ? (
        <>
          <h2>What is told</h2>
          <p>
            <code>fields</code> is the key as{' '}
            <a href={hrefOf(edition, 'methods/api_key.query.html')}>api_key.query</a> shows it. It
            never has a secret, not even when a key is made. A key that expires is told as changed,
            by the sweep that marks it.
          </p>
          <Json
            label="A key was added"
            value={told('added', { fields: { ...row, revoked: false, revoked_reason: null } })}
          />
          <Json label="A key was changed" value={told('changed', { fields: row })} />
          <Json label="A key was removed" value={told('removed', {})} />
        </>
      ) : (
        <p>
          Nothing is ever told: see <a href={hrefOf(edition, 'jobs.html')}>jobs</a>. Clients of
          TrueNAS subscribe to it as a matter of course, so it is there.
        </p>
      )}
    </>
  )
}

export const JobsPage = ({ edition }: { readonly edition: Edition }) => (
  <>
    <h1>Jobs</h1>
    <p class="lead">
      A job is a call of TrueNAS that takes long, is told of while it runs, and can be looked up
      after. No method of this service is one.
    </p>
    <p>
      Every call answers when it is done, within 29 seconds.{' '}
      <a href={hrefOf(edition, 'methods/core.get_jobs.html')}>core.get_jobs</a> is there for clients
      that ask, with the filters and options of{' '}
      <a href={hrefOf(edition, 'query.html')}>query methods</a>:
    </p>
    <Exchange method="core.get_jobs" params={[]} answer={{ result: [] }} />
    <p>
      Where a TrueNAS system starts a job, it tells subscribers of <code>core.get_jobs</code> by{' '}
      <code>collection_update</code> that it was added and changed, with its progress, and answers
      the call when it has ended. A client that is written for that works here too: it just never
      hears of any.
    </p>
  </>
)
