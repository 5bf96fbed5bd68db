/** Events: what there is to subscribe to, and what is told. */
import type { FC } from 'hono/jsx'
import { EVENTS } from '../../shared/domain/events.ts'
import type { Page } from './layout.tsx'
import type { Docs } from './model.ts'
import { Frames, listed, methodLink, Ours, Prose, roleLink, Section, Table } from './parts.tsx'
import { Members } from './schema.tsx'

type Event = (typeof EVENTS)[number]

export const eventsPage = (docs: Docs): Page => ({
  path: 'events/index.html',
  title: 'API events',
  body: (
    <>
      <h1>API events</h1>
      <p class="lead">
        A client that wants to hear of changes subscribes to an event, and is sent a notification at
        each change, on the same socket.
      </p>
      <Table
        caption="Events"
        head={['Event', 'What it tells', 'Who may subscribe']}
        rows={EVENTS.map((event) => [
          <a href={`${docs.base}events/${event.name}.html`}>{event.name}</a>,
          <>
            <Prose text={event.summary} /> {event.extension && <Ours {...event.extension} />}
          </>,
          <Who docs={docs} event={event} />,
        ])}
      />
      <Section id="subscribe" title="Subscribe">
        <p>
          {methodLink(docs, 'core.subscribe')} takes the name of an event, or <code>*</code> for all
          that the caller may hear, and answers an id.
        </p>
        <Frames lines={docs.talk.subscribe} />
        <p>
          {methodLink(docs, 'core.unsubscribe')} takes that id. A subscription ends with its session
          too. A connection has 50 subscriptions at the most.
        </p>
      </Section>
      <Section id="collection_update" title="collection_update">
        <p>The notification of a change. It has no id, and takes no answer.</p>
        <Table
          caption="Members of params in collection_update"
          head={['Name', 'Type', 'Meaning']}
          rows={[
            [<code>msg</code>, '"added" or "changed" or "removed"', 'What happened.'],
            [<code>collection</code>, 'string', 'The name of the event.'],
            [<code>id</code>, 'integer', 'The id of the row that it happened to.'],
            [
              <code>fields</code>,
              'object',
              'The row as it is now, in the shape of the version that the socket speaks. Absent with “removed”.',
            ],
          ]}
        />
        <p>
          A change may be told twice, and late: take <code>fields</code> for what it says, and read
          the list anew after a reconnect. Several changes of a row within a moment are told as one,
          with its last state; so keep rows by their ids, and let “added” replace one that you have
          and “removed” name one that you never saw. Nothing is kept for a client that was away. One
          that takes longer than two seconds for a notification, or leaves too many unread, is
          closed with 1013.
        </p>
        <Frames lines={docs.talk.changed} />
      </Section>
      <Section id="notify_unsubscribed" title="notify_unsubscribed">
        <p>
          Says that the service has ended a subscription, and why: the session has ended, or its
          user has lost the role. <code>error</code> is what{' '}
          <a href={`${docs.base}#error-data`}>error.data</a> is elsewhere.
        </p>
        <Frames lines={docs.talk.unsubscribed} />
      </Section>
    </>
  ),
})

export const eventPage = (docs: Docs, event: Event): Page => ({
  path: `events/${event.name}.html`,
  title: `Event ${event.name}`,
  body: (
    <>
      <h1>Event {event.name}</h1>
      {event.extension && (
        <p class="badges">
          <Ours {...event.extension} />
        </p>
      )}
      <p class="lead">
        <Prose text={event.summary} />
      </p>
      <Section id="who" title="Who may subscribe">
        <p>
          <Who docs={docs} event={event} />.
        </p>
      </Section>
      <Told docs={docs} event={event} />
    </>
  ),
})

// ---------------------------------------------------------------------------------------------

const Who: FC<{ docs: Docs; event: Event }> = ({ docs, event: { roles } }) => (
  <>
    {roles.length === 0
      ? 'Everybody who is logged in'
      : listed(
          roles.map((role) => roleLink(docs, role)),
          'or',
        )}
  </>
)

const Told: FC<{ docs: Docs; event: Event }> = ({ docs, event: { name } }) => {
  const told = TOLD[name]
  const row = docs.methods.find((method) => method.name === name)?.row
  if (!told || !row) return <Nothing docs={docs} />
  return (
    <>
      <Section id="fields" title="What it carries">
        <p>
          <Prose text={told.carries} />
        </p>
        <Members method={name} schema={row} caption="Members of fields" />
      </Section>
      {told.changes.map(([id, title, about]) => (
        <Section id={id.replace('device-', '')} title={title}>
          {about && <p>{about}</p>}
          <Frames lines={docs.talk[id]} />
        </Section>
      ))}
    </>
  )
}

/** Of the events that come, the notifications that there are of each: as the talk and the page call it. */
const TOLD: Readonly<
  Record<string, { carries: string; changes: readonly (readonly [string, string, string?])[] }>
> = {
  'api_key.query': {
    carries:
      '`fields` is the key, as `api_key.query` lists it. It never carries a secret: `key` is not there, not even when the key was made just now.',
    changes: [
      ['added', 'A key was added'],
      [
        'changed',
        'A key was changed',
        'Here it was revoked. Renaming, a new expiry and a reset are changes too.',
      ],
      ['removed', 'A key was removed'],
      ['unsubscribed', 'The subscription has ended'],
    ],
  },
  'device.query': {
    carries:
      '`fields` is the device, as `device.query` lists it. That its key was renamed, revoked or reset is a change of the device; that it was seen is none.',
    changes: [['device-added', 'A device enrolled']],
  },
}

const Nothing: FC<{ docs: Docs }> = ({ docs }) => (
  <p>
    There are no jobs yet, so nothing is ever sent: see <a href={`${docs.base}jobs.html`}>Jobs</a>.
    Clients of TrueNAS subscribe to it when they begin, which is why it is there.
  </p>
)
