/** Shorter pages: jobs, roles, extensions, and the one that leads to the current version. */
import type { FC } from 'hono/jsx'
import { holds, ROLES, type Role } from '../../shared/auth/roles.ts'
import { FAULTS } from '../../shared/fault.ts'
import type { Page } from './layout.tsx'
import { roleLink } from './method.tsx'
import { type Docs, type MethodDocs, ROOT } from './model.ts'
import { Frames, Json, listed, Prose, Section, Table } from './parts.tsx'
import { membersOf } from './schema.tsx'

export const jobsPage = (docs: Docs): Page => ({
  path: 'jobs.html',
  title: 'Jobs',
  body: (
    <>
      <h1>Jobs</h1>
      <p class="lead">
        On TrueNAS a call that takes long is a job: it is answered by its number, and told of by
        events. This service has no such method yet. Every call is answered when it is done.
      </p>
      <p>
        <a href={`${docs.base}methods/core.get_jobs.html`}>core.get_jobs</a> is there for clients
        that ask, and answers an empty list. The event{' '}
        <a href={`${docs.base}events/core.get_jobs.html`}>core.get_jobs</a> can be subscribed to,
        and never comes.
      </p>
      <Json
        label="You send"
        value={{ jsonrpc: '2.0', id: 1, method: 'core.get_jobs', params: [] }}
      />
      <Json
        label="The service sends"
        value={{ jsonrpc: '2.0', result: exampleOf(docs, 'core.get_jobs'), id: 1 }}
      />
      <Section id="later" title="If there are jobs one day">
        <p>
          They will be told as on TrueNAS, by notifications <code>collection_update</code> of the
          collection <code>core.get_jobs</code>, so a client that knows those needs no change.
          Methods that wait for a job or abort one are not there: calling them is{' '}
          <code>-32601</code>, “Method does not exist”.
        </p>
        <Frames lines={docs.talk['unknown-method']} />
      </Section>
    </>
  ),
})

export const rolesPage = (docs: Docs): Page => ({
  path: 'roles.html',
  title: 'Roles',
  body: (
    <>
      <h1>Roles</h1>
      <p class="lead">
        A user has roles. A key carries those of its user, as they are when it is checked. These are
        the roles that this service itself gives a meaning to.
      </p>
      <p>
        A user may hold any other role of a TrueNAS system too, such as <code>POOL_READ</code>: the
        service hands them on to devices that ask what a key may do. FULL_ADMIN includes every role,
        READONLY_ADMIN and SHARING_ADMIN every role that ends in _READ, and a role that ends in
        _WRITE the one that ends in _READ. Nobody can give a user roles that he lacks himself.
      </p>
      {ROLES.map((role) => (
        <RoleSection docs={docs} role={role} />
      ))}
    </>
  ),
})

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
                <a href={`${docs.base}#error-${code}`}>
                  [{FAULTS[code].errno}] {FAULTS[code].text.replace(/\{\w+\}/g, '…')}
                </a>
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

/** `/api/docs/` itself. */
export const Lead: FC = () => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta http-equiv="refresh" content={`0; url=${ROOT}current/`} />
      <title>Keyharbor API</title>
      <link rel="stylesheet" href={`${ROOT}docs.css`} />
    </head>
    <body>
      <main class="lone">
        <h1>Keyharbor API</h1>
        <p>
          <a href={`${ROOT}current/`}>The documentation of the current version</a>
        </p>
      </main>
    </body>
  </html>
)

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
  'RESULT_TOO_LARGE',
  'RESET_TWICE',
  'USER_CHANGED',
  'UNAVAILABLE',
] as const

const exampleOf = (docs: Docs, method: string): unknown =>
  docs.methods.find(({ name }) => name === method)?.example?.result

const RoleSection: FC<{ docs: Docs; role: Role }> = ({ docs, role }) => {
  const includes = ROLES.filter((other) => other !== role && holds([role], other))
  const opened = docs.methods.filter((method) => opens(role, method))
  return (
    <Section id={role} title={role}>
      <p>{ROLE_TEXTS[role]}</p>
      {includes.length > 0 && (
        <p>Includes {listed(includes.map((other) => <a href={`#${other}`}>{other}</a>))}.</p>
      )}
      {opened.length > 0 && (
        <p>
          Opens{' '}
          {listed(
            opened.map(({ name }) => <a href={`${docs.base}methods/${name}.html`}>{name}</a>),
          )}
          .
        </p>
      )}
    </Section>
  )
}

const opens = (role: Role, { access }: MethodDocs): boolean =>
  typeof access !== 'string' && access.some((wanted) => holds([role], wanted))

const ROLE_TEXTS: Readonly<Record<Role, string>> = {
  FULL_ADMIN: 'May do everything.',
  READONLY_ADMIN: 'May see everything, and manage keys of his own.',
  SHARING_ADMIN: 'As READONLY_ADMIN here; on TrueNAS it manages shares.',
  ACCOUNT_READ: 'May see users.',
  ACCOUNT_WRITE: 'May add, change and delete users who hold no more roles than he does.',
  API_KEY_READ: 'May see the keys of all users. Secrets are never shown.',
  API_KEY_WRITE: 'May manage the keys of users who hold no more roles than he does.',
  AUTH_SESSIONS_READ: 'May see sessions.',
  AUTH_SESSIONS_WRITE: 'May end sessions.',
  KEY_VALIDATE: 'May ask by introspection whether a key is good. (Ours.)',
}
