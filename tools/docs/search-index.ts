/** What the search of a version finds: names, what they are about, and where that stands. */

import { ROLES } from '../../shared/auth/roles.ts'
import {
  FILTER_EXAMPLES,
  OPERATOR_EXAMPLES,
  OPTION_EXAMPLES,
  type QueryExample,
} from '../../shared/docs/query-examples.ts'
import { EVENTS } from '../../shared/live/events.ts'
import type { Method } from '../../shared/rpc/method.ts'
import { type Edition, hrefOf, PAGES } from './layout.tsx'
import { anchorOf } from './query.tsx'

export type Entry = {
  readonly title: string
  readonly kind: string
  readonly text: string
  readonly href: string
}

export const searchIndex = (edition: Edition, methods: readonly Method[]): Entry[] => [
  ...methods.map(({ name, summary, params }) => ({
    title: name,
    kind: 'Method',
    text: [summary, ...Object.keys(params)].join(' '),
    href: hrefOf(edition, `methods/${name}.html`),
  })),
  ...EVENTS.map(({ name, summary }) => ({
    title: name,
    kind: 'Event',
    text: summary,
    href: hrefOf(edition, `events/${name}.html`),
  })),
  ...queries(edition, 'Operator', 'operator', OPERATOR_EXAMPLES),
  ...queries(edition, 'Filter', 'filter', FILTER_EXAMPLES),
  ...queries(edition, 'Option', 'option', OPTION_EXAMPLES),
  ...ROLES.map((role) => ({
    title: role,
    kind: 'Role',
    text: '',
    href: hrefOf(edition, `roles.html#${role}`),
  })),
  ...PAGES.map(([path, title]) => ({
    title,
    kind: 'Page',
    text: '',
    href: hrefOf(edition, path),
  })),
  ...SECTIONS.map(([id, title]) => ({
    title,
    kind: 'Section',
    text: '',
    href: hrefOf(edition, `index.html#${id}`),
  })),
]

// ---------------------------------------------------------------------------------------------

/** Of the first page. */
const SECTIONS = [
  ['connect', 'Connecting'],
  ['login', 'Logging in'],
  ['errors', 'Errors'],
  ['extended-json', 'Dates and sets'],
  ['limits', 'Limits'],
] as const

const queries = (
  edition: Edition,
  kind: string,
  prefix: string,
  examples: readonly QueryExample[],
): Entry[] =>
  examples.map(({ of, text }, at) => ({
    title: of,
    kind,
    text,
    href: hrefOf(edition, `query.html#${anchorOf(prefix, at)}`),
  }))
