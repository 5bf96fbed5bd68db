/** Events: what there is to subscribe to, and what is told. */
import type { FC } from 'hono/jsx'
import { EVENTS } from '../../shared/domain/events.ts'
import type { Page } from './layout.tsx'
import { roleLink } from './methods.tsx'
import type { Docs } from './model.ts'
import { Frames, listed, Ours, Prose, Section, Table } from './parts.tsx'
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
          <a href={`${docs.base}methods/core.subscribe.html`}>core.subscribe</a> takes the name of
          an event, or <code>*</code> for all that the caller may hear, and answers an id.
        </p>
        <Frames lines={docs.talk.subscribe} />
        <p>
          <a href={`${docs.base}methods/core.unsubscribe.html`}>core.unsubscribe</a> takes that id.
          A subscription ends with its session too. A connection has 50 subscriptions at the most.
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
          the list anew after a reconnect. Nothing is kept for a client that was away.
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
  if (name === 'api_key.query') return <Keys docs={docs} />
  if (name === 'device.query') return <Devices docs={docs} />
  return <Nothing docs={docs} />
}

const Devices: FC<{ docs: Docs }> = ({ docs }) => {
  const row = docs.methods.find(({ name }) => name === 'device.query')?.row
  return (
    <>
      <Section id="fields" title="What it carries">
        <p>
          <code>fields</code> is the device, as <code>device.query</code> lists it. That its key was
          renamed, revoked or reset is a change of the device; that it was seen is none.
        </p>
        {row && (
          <Members method="device.query" schema={row} isInput={false} caption="Members of fields" />
        )}
      </Section>
      <Section id="added" title="A device enrolled">
        <Frames lines={docs.talk['device-added']} />
      </Section>
    </>
  )
}

const Keys: FC<{ docs: Docs }> = ({ docs }) => {
  const row = docs.methods.find(({ name }) => name === 'api_key.query')?.row
  return (
    <>
      <Section id="fields" title="What it carries">
        <p>
          <code>fields</code> is the key, as <code>api_key.query</code> lists it. It never carries a
          secret: <code>key</code> is not there, not even when the key was made just now.
        </p>
        {row && (
          <Members
            method="api_key.query"
            schema={row}
            isInput={false}
            caption="Members of fields"
          />
        )}
      </Section>
      <Section id="added" title="A key was added">
        <Frames lines={docs.talk.added} />
      </Section>
      <Section id="changed" title="A key was changed">
        <p>Here it was revoked. Renaming, a new expiry and a reset are changes too.</p>
        <Frames lines={docs.talk.changed} />
      </Section>
      <Section id="removed" title="A key was removed">
        <Frames lines={docs.talk.removed} />
      </Section>
      <Section id="unsubscribed" title="The subscription has ended">
        <Frames lines={docs.talk.unsubscribed} />
      </Section>
    </>
  )
}

const Nothing: FC<{ docs: Docs }> = ({ docs }) => (
  <p>
    There are no jobs yet, so nothing is ever sent: see <a href={`${docs.base}jobs.html`}>Jobs</a>.
    Clients of TrueNAS subscribe to it when they begin, which is why it is there.
  </p>
)
