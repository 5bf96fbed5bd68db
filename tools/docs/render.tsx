/** The documentation as files, from the registry. Pure: the same sources give the same texts. */

import { EVENTS } from '../../shared/domain/events.ts'
import { CURRENT, isAtLeast, VERSIONS, type Version } from '../../shared/domain/versions.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { eventPage, eventsPage } from './event.tsx'
import { extensionsPage } from './extensions.tsx'
import { httpPage } from './http.tsx'
import { jobsPage } from './jobs.tsx'
import { Layout, type Page } from './layout.tsx'
import { Lead } from './lead.tsx'
import { methodPage } from './method.tsx'
import { methodsPage } from './methods.tsx'
import { type Docs, docsOf } from './model.ts'
import { overviewPage } from './overview.tsx'
import { queryPage } from './query.tsx'
import { rolesPage } from './roles.tsx'
import { searchIndex } from './search.ts'

/** Texts by their paths below the root of the site; style and script aren't among them. */
export const renderDocs = (): ReadonlyMap<string, string> => {
  const files = new Map<string, string>()
  const folders: readonly (readonly [string, Version])[] = [
    ...VERSIONS.map((version) => [version, version] as const),
    ['current', CURRENT],
  ]
  for (const [folder, version] of folders) {
    const docs = docsOf(version, folder)
    const at = `api/docs/${folder}/`
    for (const page of pagesOf(docs)) files.set(at + page.path, html(docs, page))
    files.set(`${at}openrpc.json`, json(docs.openRpc))
    files.set(`${at}search.json`, json(searchIndex(docs)))
    if (folder === 'current') files.set('openrpc.json', json(docs.openRpc))
  }
  files.set('api/docs/index.html', `<!doctype html>${(<Lead />).toString()}\n`)
  return files
}

// ---------------------------------------------------------------------------------------------

const pagesOf = (docs: Docs): readonly Page[] => [
  overviewPage(docs),
  methodsPage(docs),
  ...docs.methods.map((method) => methodPage(docs, method)),
  eventsPage(docs),
  ...EVENTS.map((event) => eventPage(docs, event)),
  jobsPage(docs),
  queryPage(docs),
  rolesPage(docs),
  httpPage(),
  extensionsPage(docs),
]

const html = (docs: Docs, page: Page): string =>
  `<!doctype html>${(<Layout docs={docs} page={page} has={has} />).toString()}\n`

/** Versions differ in their methods only. */
const has = (version: Version, path: string): boolean => {
  const [, name] = /^methods\/(.+\..+)\.html$/.exec(path) ?? []
  const method = name === undefined ? undefined : METHODS.get(name)
  return method?.since === undefined || isAtLeast(version, method.since)
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
