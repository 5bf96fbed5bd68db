/** The frame of every page: versions, search, navigation. It works without JavaScript. */
import type { Child, FC, PropsWithChildren } from 'hono/jsx'
import { EVENTS } from '../../shared/domain/events.ts'
import { VERSIONS } from '../../shared/domain/versions.ts'
import { type Docs, isCurrent, ROOT } from './model.ts'

export type Page = {
  /** Below the version's folder. */
  readonly path: string
  readonly title: string
  readonly body: Child
}

type Props = PropsWithChildren<{
  docs: Docs
  page: Page
  /** Whether another version has a page. */
  has: (version: Docs['version'], path: string) => boolean
}>

export const Layout: FC<Props> = ({ docs, page, has }) => (
  <Document title={`${page.title} – Keyharbor API ${docs.version}`} head={SCRIPT}>
    <a class="skip" href="#main">
      Skip to the content
    </a>
    <header>
      <a class="brand" href={docs.base}>
        Keyharbor API
      </a>
      <Versions docs={docs} path={page.path} has={has} />
      <search
        class="search"
        hidden
        data-index={`${docs.base}search.json`}
        aria-label="Documentation"
      >
        <label for="query">Search</label>
        <input id="query" type="search" autocomplete="off" aria-describedby="hint" />
        <span id="hint" class="hint">
          Press / to search
        </span>
        <p id="found" role="status" />
        <ul id="results" hidden />
      </search>
    </header>
    <div class="page">
      <details class="menu">
        <summary>Contents</summary>
        <nav aria-label="Contents, menu">
          <Contents docs={docs} path={page.path} />
        </nav>
      </details>
      <nav class="side" aria-label="Contents">
        <Contents docs={docs} path={page.path} />
      </nav>
      <main id="main" tabindex={-1}>
        {page.body}
      </main>
    </div>
    <footer>
      <p>
        Keyharbor is an independent service that speaks the TrueNAS API. <a href="/ui/">Portal</a>
      </p>
    </footer>
  </Document>
)

export const Document: FC<PropsWithChildren<{ title: string; head: Child }>> = ({
  title,
  head,
  children,
}) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{title}</title>
      <link rel="icon" href="/ui/icon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href={`${ROOT}docs.css`} />
      {head}
    </head>
    <body>{children}</body>
  </html>
)

// ---------------------------------------------------------------------------------------------

const SCRIPT = <script type="module" src={`${ROOT}docs.js`} />

const Versions: FC<{ docs: Docs; path: string; has: Props['has'] }> = ({ docs, path, has }) => (
  <details class="versions">
    <summary>
      Version <strong>{labelOf(docs.version)}</strong>
    </summary>
    <ul>
      {VERSIONS.toReversed().map((version) => (
        <li>
          <a
            href={`${ROOT}${version}/${has(version, path) ? hrefOf(path) : ''}`}
            {...(version === docs.version && { 'aria-current': 'true' })}
          >
            {labelOf(version)}
          </a>
        </li>
      ))}
    </ul>
  </details>
)

const labelOf = (version: Docs['version']): string =>
  isCurrent(version) ? `${version} (current)` : version

/** A folder is linked to as one. */
const hrefOf = (path: string): string => path.replace(/(^|\/)index\.html$/, '$1')

const Contents: FC<{ docs: Docs; path: string }> = ({ docs, path }) => (
  <ul>
    {SECTIONS.map(([at, title]) => (
      <li>
        <Here docs={docs} at={at} path={path} text={title} />
        {at === 'methods/index.html' && <Methods docs={docs} path={path} />}
        {at === 'events/index.html' && (
          <ul>
            {EVENTS.map(({ name }) => (
              <li>
                <Here docs={docs} at={`events/${name}.html`} path={path} text={name} />
              </li>
            ))}
          </ul>
        )}
      </li>
    ))}
    <li>
      <a href={`${docs.base}openrpc.json`}>OpenRPC document</a>
    </li>
    <li>
      <a href="/openapi.json">OpenAPI document</a>
    </li>
  </ul>
)

/** Open where the reader is. */
const Methods: FC<{ docs: Docs; path: string }> = ({ docs, path }) => (
  <ul>
    {[...docs.namespaces].map(([namespace, methods]) => (
      <li>
        <details {...(path.startsWith(`methods/${namespace}.`) && { open: true })}>
          <summary>{namespace}</summary>
          <ul>
            {methods.map(({ name }) => (
              <li>
                <Here docs={docs} at={`methods/${name}.html`} path={path} text={name} />
              </li>
            ))}
          </ul>
        </details>
      </li>
    ))}
  </ul>
)

const SECTIONS = [
  ['index.html', 'JSON-RPC 2.0 over WebSocket'],
  ['methods/index.html', 'API methods'],
  ['events/index.html', 'API events'],
  ['jobs.html', 'Jobs'],
  ['query.html', 'Query methods'],
  ['roles.html', 'Roles'],
  ['http.html', 'HTTP API'],
  ['extensions.html', 'Extensions'],
] as const

const Here: FC<{ docs: Docs; at: string; path: string; text: string }> = ({
  docs,
  at,
  path,
  text,
}) => (
  <a href={docs.base + hrefOf(at)} {...(at === path && { 'aria-current': 'page' })}>
    {text}
  </a>
)
