/** All files of the API documentation, from the registry: what is registered has its page. */
import type { Child } from 'hono/jsx'
import examples from '../../shared/docs/examples.json' with { type: 'json' }
import { type Examples, openRpc } from '../../shared/docs/openrpc.ts'
import { EVENTS } from '../../shared/live/events.ts'
import { METHODS } from '../../shared/methods/index.ts'
import type { Method } from '../../shared/rpc/method.ts'
import { CURRENT, isAtLeast, VERSIONS, type Version } from '../../shared/rpc/versions.ts'
import { EventPage, EventsPage, JobsPage } from './events.tsx'
import { type Edition, Layout, versionOf } from './layout.tsx'
import { ExtensionsPage, MethodsPage, RolesPage } from './lists.tsx'
import { MethodPage } from './method.tsx'
import { OverviewPage } from './overview.tsx'
import { QueryPage } from './query.tsx'
import { searchIndex } from './search-index.ts'

/** By path below the root of the site. */
export const renderDocs = (): Map<string, string> => {
  const editions: Edition[] = ['current', ...VERSIONS]
  const files = new Map(editions.flatMap(renderEdition))
  files.set('api/docs/index.html', ENTRY)
  files.set('openrpc.json', openRpcText(CURRENT))
  return files
}

// ---------------------------------------------------------------------------------------------

const ENTRY = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="refresh" content="0; url=/api/docs/current/">
    <title>Keyharbor API</title>
  </head>
  <body>
    <h1>Keyharbor API</h1>
    <p><a href="/api/docs/current/">Documentation of the current version</a></p>
  </body>
</html>
`

const methodsOf = (version: Version): Method[] =>
  [...METHODS.values()]
    .filter(({ since }) => since === undefined || isAtLeast(version, since))
    .sort((a, b) => (a.name < b.name ? -1 : 1))

const openRpcText = (version: Version): string =>
  `${JSON.stringify(openRpc(version, METHODS, examples[version] as Examples), null, 2)}\n`

const renderEdition = (edition: Edition): [string, string][] => {
  const version = versionOf(edition)
  const methods = methodsOf(version)
  const shown = examples[version] as Examples
  const given = { edition, methods }
  const page = (path: string, title: string, body: Child): [string, string] => [
    `api/docs/${edition}/${path}`,
    document({ edition, page: path, title, body }),
  ]
  return [
    page('index.html', 'JSON-RPC 2.0 over WebSocket', <OverviewPage edition={edition} />),
    page('methods/index.html', 'API Methods', <MethodsPage {...given} />),
    ...methods.map((method) =>
      page(
        `methods/${method.name}.html`,
        method.name,
        <MethodPage edition={edition} method={method} example={shown[method.name]} />,
      ),
    ),
    page('events/index.html', 'API Events', <EventsPage edition={edition} examples={shown} />),
    ...EVENTS.map((event) =>
      page(
        `events/${event.name}.html`,
        `Event ${event.name}`,
        <EventPage edition={edition} event={event} examples={shown} />,
      ),
    ),
    page('jobs.html', 'Jobs', <JobsPage edition={edition} />),
    page('query.html', 'Query Methods', <QueryPage {...given} />),
    page('roles.html', 'Roles', <RolesPage {...given} />),
    page('extensions.html', 'Extensions of Keyharbor', <ExtensionsPage {...given} />),
    [`api/docs/${edition}/openrpc.json`, openRpcText(version)],
    [`api/docs/${edition}/search.json`, JSON.stringify(searchIndex(edition, methods))],
  ]
}

type Page = {
  readonly edition: Edition
  readonly page: string
  readonly title: string
  readonly body: Child
}

const document = ({ edition, page, title, body }: Page): string => {
  const method = /^methods\/(.+)\.html$/.exec(page)?.[1]
  const isIn = (version: Version): boolean =>
    method === undefined ||
    method === 'index' ||
    methodsOf(version).some(({ name }) => name === method)
  const html = (
    <Layout edition={edition} page={page} title={title} isIn={isIn}>
      {body}
    </Layout>
  )
  return `<!doctype html>\n${html}\n`
}
