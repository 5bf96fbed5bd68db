/** Pages that list: methods, roles, extensions. */

import { holds, ROLES, type Role } from '../../shared/auth/roles.ts'
import type { Method } from '../../shared/rpc/method.ts'
import { extensionsOf } from './extensions.ts'
import { type Edition, hrefOf, versionOf } from './layout.tsx'
import { Ours } from './schema.tsx'
import { Text } from './text.tsx'

type Props = { readonly edition: Edition; readonly methods: readonly Method[] }

export const MethodLink = ({ edition, name }: { edition: Edition; name: string }) => (
  <a href={hrefOf(edition, `methods/${name}.html`)}>
    <code>{name}</code>
  </a>
)

export const MethodsPage = ({ edition, methods }: Props) => {
  const namespaces = [...new Set(methods.map(({ name }) => name.split('.')[0] ?? ''))]
  return (
    <>
      <h1>API Methods</h1>
      <p class="lead">
        {methods.length} methods. What is marked <Ours /> is an extension of Keyharbor, all else is
        TrueNAS’s.
      </p>
      {namespaces.map((namespace) => (
        <>
          <h2 id={namespace}>
            <code>{namespace}</code>
          </h2>
          <dl class="methods">
            {methods
              .filter(({ name }) => name.startsWith(`${namespace}.`))
              .map(({ name, summary, extension }) => (
                <div>
                  <dt>
                    <MethodLink edition={edition} name={name} /> {extension === true && <Ours />}
                  </dt>
                  <dd>
                    <Text>{summary}</Text>
                  </dd>
                </div>
              ))}
          </dl>
        </>
      ))}
    </>
  )
}

export const RolesPage = ({ edition, methods }: Props) => (
  <>
    <h1>Roles</h1>
    <p class="lead">
      A user has roles, and a key has those of its user, as they are at the moment of each call.
    </p>
    <p>
      A user may have any role of a TrueNAS system: devices that ask what a key may do are told of
      all. These are the ones that the service itself looks at. A role that ends in{' '}
      <code>_WRITE</code> includes the one that ends in <code>_READ</code>. Nobody gives a role that
      he doesn’t have, to a user or in a key.
    </p>
    {ROLES.map((role) => {
      const included = ROLES.filter((other) => other !== role && holds([role], other))
      const opened = methods.filter(
        ({ access }) => Array.isArray(access) && access.some((one) => holds([role], one)),
      )
      return (
        <section aria-labelledby={role}>
          <h2 id={role}>
            <code>{role}</code>
          </h2>
          <p>{MEANINGS[role]}</p>
          {included.length > 0 && (
            <p>
              Includes{' '}
              {included.map((other, at) => (
                <>
                  {at > 0 && ', '}
                  <a href={`#${other}`}>
                    <code>{other}</code>
                  </a>
                </>
              ))}
              .
            </p>
          )}
          {opened.length > 0 && (
            <p>
              Opens{' '}
              {opened.map(({ name }, at) => (
                <>
                  {at > 0 && ', '}
                  <MethodLink edition={edition} name={name} />
                </>
              ))}
              .
            </p>
          )}
        </section>
      )
    })}
  </>
)

export const ExtensionsPage = ({ edition, methods }: Props) => (
  <>
    <h1>Extensions of Keyharbor</h1>
    <p class="lead">
      What this service has and TrueNAS hasn’t. Nothing of it changes what TrueNAS clients send or
      get.
    </p>
    <h2>Methods</h2>
    <dl class="methods">
      {methods
        .filter(({ extension }) => extension === true)
        .map(({ name, summary }) => (
          <div>
            <dt>
              <MethodLink edition={edition} name={name} />
            </dt>
            <dd>
              <Text>{summary}</Text>
            </dd>
          </div>
        ))}
    </dl>
    <h2>Parameters</h2>
    <dl class="methods">
      {extensionsOf(methods, versionOf(edition)).map(({ method, member, description }) => (
        <div>
          <dt>
            <code>{member}</code> of <MethodLink edition={edition} name={method} />
          </dt>
          <dd>{description}</dd>
        </div>
      ))}
    </dl>
    <h2>Logins</h2>
    <p>
      A password login names the tenant: <code>user@tenant</code>, or the first label of the host. A
      key carries its tenant in its id.
    </p>
    <h2>Over HTTP</h2>
    <p>
      <code>POST /oauth2/introspect</code> (RFC 7662) says whether a key is good, whose it is and
      what it may do; it takes a key of a user with the role <code>KEY_VALIDATE</code>.
    </p>
  </>
)

// ---------------------------------------------------------------------------------------------

const MEANINGS: Readonly<Record<Role, string>> = {
  FULL_ADMIN: 'May do everything in the tenant.',
  READONLY_ADMIN: 'Sees everything, and manages the own keys.',
  SHARING_ADMIN: 'Here the same as READONLY_ADMIN.',
  ACCOUNT_READ: 'Sees the tenant’s users.',
  ACCOUNT_WRITE: 'Manages users who have no more roles than the caller.',
  API_KEY_READ: 'Sees everybody’s keys, never their secrets.',
  API_KEY_WRITE: 'Manages keys of users who have no more roles than the caller.',
  AUTH_SESSIONS_READ: 'Sees who is logged in.',
  AUTH_SESSIONS_WRITE: 'Ends sessions.',
  KEY_VALIDATE: 'May ask whether keys are good, over HTTP. For devices and gateways; of Keyharbor.',
}
