/** Roles: what they mean, include and open. */
import type { FC } from 'hono/jsx'
import { holds, ROLES, type Role } from '../../shared/domain/roles.ts'
import type { Page } from './layout.tsx'
import type { Docs, MethodDocs } from './model.ts'
import { listed, methodLink, Section } from './parts.tsx'

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
        _WRITE the one that ends in _READ. Nobody can give a user roles that they lack themselves.
      </p>
      {ROLES.map((role) => (
        <RoleSection docs={docs} role={role} />
      ))}
    </>
  ),
})

// ---------------------------------------------------------------------------------------------

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
        <p>Opens {listed(opened.map(({ name }) => methodLink(docs, name)))}.</p>
      )}
    </Section>
  )
}

const opens = (role: Role, { access }: MethodDocs): boolean =>
  typeof access !== 'string' && access.some((wanted) => holds([role], wanted))

const ROLE_TEXTS: Readonly<Record<Role, string>> = {
  FULL_ADMIN: 'May do everything.',
  READONLY_ADMIN: 'May see everything, and manage keys of their own.',
  SHARING_ADMIN: 'As READONLY_ADMIN here; on TrueNAS it manages shares.',
  ACCOUNT_READ: 'May see users.',
  ACCOUNT_WRITE: 'May add, change and delete users who hold no more roles than they do.',
  API_KEY_READ: 'May see the keys of all users. Secrets are never shown.',
  API_KEY_WRITE: 'May manage the keys of users who hold no more roles than they do.',
  AUTH_SESSIONS_READ: 'May see sessions.',
  AUTH_SESSIONS_WRITE: 'May end sessions.',
  KEY_VALIDATE: 'May ask by introspection whether a key is good. (Ours.)',
}
