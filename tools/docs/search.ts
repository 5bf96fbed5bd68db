/** What the search finds: methods, events, operators, options, reasons of errors, roles, routes. */

import { EVENTS } from '../../shared/domain/events.ts'
import { ROLES } from '../../shared/domain/roles.ts'
import { GROUPS } from '../../shared/http/openapi/document.ts'
import { faultsIn, reasonOf } from './faults.tsx'
import { routeOf } from './http.tsx'
import type { Docs } from './model.ts'
import { queryParts } from './query.tsx'
import { MEANING } from './texts/errors.ts'

export type Entry = {
  readonly kind: 'Method' | 'Event' | 'Query' | 'Error' | 'Role' | 'Route' | 'Page'
  readonly title: string
  readonly text: string
  readonly href: string
}

export const searchIndex = (docs: Docs): readonly Entry[] => {
  const { base } = docs
  return [
    ...PAGES.map(([title, text, at]) => entry('Page', title, text, base + at)),
    ...docs.methods.map(({ name, summary }) =>
      entry('Method', name, summary, `${base}methods/${name}.html`),
    ),
    ...EVENTS.map(({ name, summary }) =>
      entry('Event', name, summary, `${base}events/${name}.html`),
    ),
    ...queryParts.map(({ id, shows, about }) =>
      entry('Query', shows, about, `${base}query.html#${id}`),
    ),
    ...faultsIn(docs).map((code) =>
      entry('Error', reasonOf(code), MEANING[code], `${base}#error-${code}`),
    ),
    ...GROUPS.flatMap(({ rows }) => rows).map((row) =>
      entry('Route', routeOf(row), row.summary, `${base}http.html#${row.operationId}`),
    ),
    ...ROLES.map((role) => entry('Role', role, 'A role', `${base}roles.html#${role}`)),
  ]
}

// ---------------------------------------------------------------------------------------------

const PAGES = [
  ['Connecting', 'addresses, wss, versions', '#connecting'],
  ['Logging in', 'key, password, second factor, token, SCRAM', '#login'],
  ['Errors', 'codes, error.data, reasons', '#errors'],
  ['Limits', 'messages, calls, answers', '#limits'],
  ['Dates and other values', 'extended JSON: $date, $set', '#values'],
  ['Jobs', 'there are none yet', 'jobs.html'],
  ['HTTP API', 'OpenAPI, introspection, gateways, tokens', 'http.html'],
  ['Extensions', 'what is not of TrueNAS', 'extensions.html'],
] as const

const entry = (kind: Entry['kind'], title: string, text: string, href: string): Entry => ({
  kind,
  title,
  text,
  href,
})
