/** What is ours, in one list. */

import { FAULTS, type FaultCode } from '../../shared/domain/fault.ts'
import { reasonOf } from './faults.tsx'
import type { Page } from './layout.tsx'
import type { Docs } from './model.ts'
import { methodLink, Prose, roleLink, Section, Table } from './parts.tsx'
import { membersOf } from './schema.tsx'

export const extensionsPage = (docs: Docs): Page => {
  const ours = docs.methods.filter(({ extension }) => extension)
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
            head={['Method', 'What it does']}
            rows={ours.map(({ name, summary }) => [
              methodLink(docs, name),
              <Prose text={summary} />,
            ])}
          />
        </Section>
        <Section id="parameters" title="Parameters">
          <Table
            caption="Parameters of our own in methods of TrueNAS"
            head={['Parameter', 'Method']}
            rows={ourParameters(docs).map(({ method, name }) => [
              <code>{name}</code>,
              methodLink(docs, method),
            ])}
          />
        </Section>
        <Section id="members" title="Members of answers">
          <Table
            caption="Members of our own in answers of TrueNAS"
            head={['Member', 'Where']}
            rows={[
              ...ourMembers(docs).map(({ method, name }) => [
                <code>{name}</code>,
                methodLink(docs, method),
              ]),
              [<code>retry_after</code>, <a href={`${docs.base}#error-data`}>error.data</a>],
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

const ourParameters = (docs: Docs): { method: string; name: string }[] =>
  docs.methods.flatMap(({ name: method, params }) =>
    params
      .flatMap(({ name, schema }) => [{ name, schema }, ...membersOf(schema)])
      .filter(({ schema }) => schema['x-extension'] === true)
      .map(({ name }) => ({ method, name })),
  )

/** A method has a member once, in however many of its answers it is. */
const ourMembers = (docs: Docs): { method: string; name: string }[] =>
  docs.methods
    .filter(({ extension }) => !extension)
    .flatMap(({ name: method, result }) => {
      const ours = membersOf(result).filter(({ schema }) => schema['x-extension'] === true)
      return [...new Set(ours.map(({ name }) => name))].map((name) => ({ method, name }))
    })

/** Reasons that a genuine server doesn't have. */
const OUR_FAULTS = (Object.keys(FAULTS) as FaultCode[]).filter((code) => FAULTS[code].ours)
