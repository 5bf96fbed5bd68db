/** What every page has around it: where one is, the other versions, the way to everything else. */
import type { Child } from 'hono/jsx'
import { CURRENT, VERSIONS, type Version } from '../../shared/rpc/versions.ts'

/** A version by the name in its address: `current` is the newest under a name that stays. */
export type Edition = Version | 'current'

export const versionOf = (edition: Edition): Version => (edition === 'current' ? CURRENT : edition)

export const hrefOf = (edition: Edition, page: string): string =>
  `/api/docs/${edition}/${page.replace(/(^|\/)index\.html$/, '$1')}`

/** Pages of each version, in the order of the menu. */
export const PAGES = [
  ['index.html', 'JSON-RPC 2.0 over WebSocket'],
  ['methods/index.html', 'API Methods'],
  ['events/index.html', 'API Events'],
  ['jobs.html', 'Jobs'],
  ['query.html', 'Query Methods'],
  ['roles.html', 'Roles'],
  ['extensions.html', 'Extensions of Keyharbor'],
] as const

type Props = {
  readonly edition: Edition
  /** Path of the page below its version. */
  readonly page: string
  readonly title: string
  /** Whether another version has the page too. */
  readonly isIn: (version: Version) => boolean
  readonly children: Child
}

export const Layout = ({ edition, page, title, isIn, children }: Props) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${title} – Keyharbor API ${versionOf(edition)}`}</title>
      <link rel="icon" href="/ui/icon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/api/docs/docs.css" />
      <script src="/api/docs/docs.js" defer />
    </head>
    <body>
      <a class="skip-link" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={hrefOf(edition, 'index.html')}>
          Keyharbor API
        </a>
        <Versions edition={edition} page={page} isIn={isIn} />
        <search class="search" hidden data-index={`/api/docs/${edition}/search.json`}>
          <label>
            <span class="visually-hidden">Search the documentation</span>
            <input type="search" placeholder="Search ( / )" autocomplete="off" spellcheck={false} />
          </label>
          <p class="visually-hidden" role="status" />
          <ul class="found" hidden />
        </search>
      </header>
      <div class="columns">
        <Menu edition={edition} page={page} />
        <main id="main" tabindex={-1}>
          {children}
        </main>
      </div>
    </body>
  </html>
)

// ---------------------------------------------------------------------------------------------

const newestFirst = [...VERSIONS].reverse()

/** Works without a script, so it is a list of links that folds. */
const Versions = ({ edition, page, isIn }: Pick<Props, 'edition' | 'page' | 'isIn'>) => (
  <details class="versions">
    <summary>
      <span class="visually-hidden">Version: </span>
      {labelOf(versionOf(edition))}
    </summary>
    <ul>
      {newestFirst.map((version) => (
        <li>
          <a
            href={hrefOf(version, isIn(version) ? page : 'index.html')}
            aria-current={version === versionOf(edition) ? 'true' : undefined}
          >
            {labelOf(version)}
          </a>
        </li>
      ))}
    </ul>
  </details>
)

const labelOf = (version: Version): string =>
  version === CURRENT ? `${version} (current)` : version

const Menu = ({ edition, page }: Pick<Props, 'edition' | 'page'>) => (
  <nav class="menu" aria-label="Documentation">
    <ul>
      {PAGES.map(([path, text]) => (
        <li>
          <a href={hrefOf(edition, path)} aria-current={currentIn(page, path)}>
            {text}
          </a>
        </li>
      ))}
      <li>
        <a href={`/api/docs/${edition}/openrpc.json`}>OpenRPC document</a>
      </li>
      <li>
        <a href="/ui/">Portal</a>
      </li>
    </ul>
  </nav>
)

const currentIn = (page: string, path: string): 'page' | 'true' | undefined => {
  if (page === path) return 'page'
  const folder = path.endsWith('/index.html') ? path.slice(0, -'index.html'.length) : null
  return folder !== null && page.startsWith(folder) ? 'true' : undefined
}
