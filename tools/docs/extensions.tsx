/** What is ours, in one list. */
import { reasonOf } from './faults.tsx'
import type { Page } from './layout.tsx'
import { roleLink } from './methods.tsx'
import type { Docs } from './model.ts'
import { Prose, Section, Table } from './parts.tsx'
import { membersOf } from './schema.tsx'

export const extensionsPage = (docs: Docs): Page => {
  const ours = docs.methods.filter(({ isExtension }) => isExtension)
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
              <a href={`${docs.base}methods/${name}.html`}>{name}</a>,
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
              <a href={`${docs.base}methods/${method}.html`}>{method}</a>,
            ])}
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
          <Table
            caption="Routes beside the WebSocket"
            head={['Route', 'What']}
            rows={[
              [
                <code>POST /oauth2/introspect</code>,
                'Is this key good, whose is it, what may it do? (RFC 7662.) By a key whose user holds KEY_VALIDATE.',
              ],
              [<code>GET /v1/tenants, POST /v1/tenants</code>, 'Tenants, for the operator.'],
              [<code>GET /healthz</code>, 'The service answers.'],
              [
                <code>GET /openrpc.json</code>,
                <>
                  This API as an <a href={`${docs.base}openrpc.json`}>OpenRPC</a> document.
                </>,
              ],
            ]}
          />
        </Section>
      </>
    ),
  }
}

export const ourParameters = (docs: Docs): { method: string; name: string }[] =>
  docs.methods.flatMap(({ name: method, params }) =>
    params
      .flatMap(({ name, schema }) => [{ name, schema }, ...membersOf(schema)])
      .filter(({ schema }) => schema['x-extension'] === true)
      .map(({ name }) => ({ method, name })),
  )

// ---------------------------------------------------------------------------------------------

/** Reasons that a genuine server doesn't have. */
const OUR_FAULTS = [
  'ROLES_BEYOND_YOURS',
  'USER_BUILT_IN',
  'ENROLMENT_REFUSED',
  'NOT_ENCRYPTED',
  'RESULT_TOO_LARGE',
  'RESET_TWICE',
  'USER_CHANGED',
  'LIMIT_REACHED',
  'UNAVAILABLE',
] as const
