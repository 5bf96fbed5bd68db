/** What is ours, in one list. */

import type { Child } from 'hono/jsx'
import { FAULTS, type FaultCode } from '../../shared/domain/fault.ts'
import { OUR_DATA } from './errors.tsx'
import { reasonOf } from './faults.tsx'
import type { Page } from './layout.tsx'
import type { Docs } from './model.ts'
import type { Schema } from './of-version.ts'
import { methodLink, Prose, roleLink, Section, Table } from './parts.tsx'
import { extensionOf, membersOf } from './schema.tsx'

export const extensionsPage = (docs: Docs): Page => {
  const members = ourMembers(docs)
  return {
    path: 'extensions.html',
    title: 'Extensions',
    body: (
      <>
        <h1>Extensions</h1>
        <p class="lead">
          What TrueNAS does not have. Nothing here changes a shape of TrueNAS: a client that does
          not know it never meets it.
        </p>
        <Section id="methods" title="Methods">
          <Table
            caption="Methods of our own"
            head={['Method', 'What it does', 'Since']}
            rows={docs.methods.flatMap(({ name, summary, extension }) =>
              extension
                ? [[methodLink(docs, name), <Prose text={summary} />, extension.since]]
                : [],
            )}
          />
        </Section>
        <Section id="parameters" title="Parameters">
          <Table
            caption="Parameters of our own in methods of TrueNAS"
            head={['Parameter', 'Method', 'Since']}
            rows={members('params')}
          />
        </Section>
        <Section id="members" title="Members of answers">
          <Table
            caption="Members of our own in answers of TrueNAS"
            head={['Member', 'Where', 'Since']}
            rows={[
              ...members('result'),
              ...Object.entries(OUR_DATA).map(([name, { since }]) => [
                <code>{name}</code>,
                <a href={`${docs.base}#error-data`}>error.data</a>,
                since,
              ]),
            ]}
          />
        </Section>
        <Section id="roles" title="Roles">
          <p>
            {roleLink(docs, 'KEY_VALIDATE')} is for devices: it lets a key ask whether other keys
            are good.
          </p>
        </Section>
        <Section id="errors" title="Errors">
          <p>These reasons are ours; their codes and shapes are those of TrueNAS.</p>
          <ul>
            {OUR_FAULTS.map((code) => (
              <li>
                <a href={`${docs.base}#error-${code}`}>{reasonOf(code)}</a>
              </li>
            ))}
          </ul>
        </Section>
        <Section id="http" title="Over https">
          <p>
            All of the <a href={`${docs.base}http.html`}>HTTP API</a>. This API is at{' '}
            <code>/openrpc.json</code>, as an <a href={`${docs.base}openrpc.json`}>OpenRPC</a>{' '}
            document.
          </p>
        </Section>
      </>
    ),
  }
}

// ---------------------------------------------------------------------------------------------

/** Rows for members of our own in methods of TrueNAS: once for a method, in however many of its answers it is. */
const ourMembers =
  (docs: Docs) =>
  (side: 'params' | 'result'): Child[][] =>
    docs.methods
      .filter(({ extension }) => extension === undefined)
      .flatMap(({ name: method, params, result }) => {
        const members = side === 'result' ? membersOf(result) : params.flatMap(withMembers)
        const ours = new Map(
          members.flatMap(({ name, schema }) => {
            const extension = extensionOf(schema)
            return extension ? [[name, extension.since] as const] : []
          }),
        )
        return [...ours].map(([name, since]) => [
          <code>{name}</code>,
          methodLink(docs, method),
          since,
        ])
      })

const withMembers = (param: { name: string; schema: Schema }) => [param, ...membersOf(param.schema)]

/** Reasons that a genuine server doesn't have. */
const OUR_FAULTS = (Object.keys(FAULTS) as FaultCode[]).filter((code) => FAULTS[code].ours)
