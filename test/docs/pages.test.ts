/** The pages of the documentation: nothing of the API is left out, and every page is sound. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EVENTS } from '../../shared/domain/events.ts'
import { FAULTS, type FaultCode } from '../../shared/domain/fault.ts'
import { ROLES } from '../../shared/domain/roles.ts'
import { isAtLeast, VERSIONS } from '../../shared/domain/versions.ts'
import { GROUPS, toJson } from '../../shared/http/openapi/document.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { RPC } from '../../shared/rpc/frame.ts'
import { TOO_MANY_TEXT } from '../../tools/docs/errors.tsx'
import { reasonOf } from '../../tools/docs/faults.tsx'
import { routeOf } from '../../tools/docs/http.tsx'
import { replyOf } from '../../tools/docs/http-example.tsx'
import { layOut } from '../../tools/docs/json.tsx'
import { docsOf } from '../../tools/docs/model.ts'
import { renderDocs } from '../../tools/docs/render.tsx'
import { membersOf } from '../../tools/docs/schema.tsx'
import { MEANING, RULES, SCHEMA_TEXTS } from '../../tools/docs/texts/errors.ts'
import { meaningOf } from '../../tools/docs/texts/fields.ts'
import { MORE, OTHERWISE, REFUSED } from '../../tools/docs/texts/patterns.ts'
import { QUERY_EXAMPLES } from '../../tools/docs/texts/queries.ts'
import { anchorsOf, brokenTags, linksOf, textOf } from './html.ts'
import { PASSWORDS } from './story.ts'

const files = renderDocs()
const pages = [...files].filter(([path]) => path.endsWith('.html'))
const page = (path: string): string => {
  const html = files.get(`api/docs/${path}`)
  if (html === undefined) throw new Error(`there is no page ${path}`)
  return html
}
const text = (path: string): string => textOf(page(path))

describe.each(VERSIONS)('the documentation of %s', (version) => {
  const docs = docsOf(version)
  const known = [...METHODS.values()].filter(
    ({ since }) => since === undefined || isAtLeast(version, since),
  )

  it('has a page of each method, with its example, and of no other', () => {
    for (const { name } of known) {
      const example = docs.methods.find((method) => method.name === name)?.example
      const why = `${name}: give it a step in test/docs/story.ts, then npm run examples`
      expect(example, why).toBeDefined()
      const request = { jsonrpc: '2.0', id: 1, method: name, params: example?.params }
      const answer = { jsonrpc: '2.0', result: example?.result, id: 1 }
      const shown = text(`${version}/methods/${name}.html`)
      expect(shown, name).toContain(layOut(request))
      expect(shown, name).toContain(layOut(answer))
    }
    const at = `api/docs/${version}/methods/`
    const shown = pages.map(([path]) => path).filter((path) => path.startsWith(at))
    expect(shown).toHaveLength(known.length + 1)
  })

  it('lists each method with its summary', () => {
    const list = text(`${version}/methods/index.html`)
    for (const { name, summary } of known) {
      expect(list).toContain(name)
      expect(list).toContain(summary.replaceAll('`', ''))
    }
  })

  it('lists each extension, with the release that brought it', () => {
    const rows = [...page(`${version}/extensions.html`).matchAll(/<tr>.*?<\/tr>/gs)]
    const cells = rows.map(([row]) => [...row.matchAll(/<t[hd].*?>(.*?)<\/t[hd]>/gs)])
    const told = new Map(cells.map((row) => [textOf(row[0]?.[1] ?? ''), row.at(-1)?.[1]]))
    for (const { name, extension } of known)
      if (extension) expect(told.get(name), name).toBe(extension.since)
    for (const name of ['grace_seconds', 'idempotency_key', 'planted', 'tries', 'made'])
      expect(told.get(name), name).toBe('0.1.0')
  })

  it('says what each parameter and member means', () => {
    const silent = docs.methods.flatMap(({ name: method, params, row, result }) =>
      [...params, ...params.flatMap(({ schema }) => membersOf(schema)), ...membersOf(row ?? result)]
        .filter(({ name, schema }) => !schema.description && !meaningOf(method, name))
        .map(({ name }) => `${method} ${name}`),
    )
    const why =
      'say what these mean in tools/docs/texts/fields.ts, or by describe() in their schemas'
    expect(silent, why).toEqual([])
  })

  it('has a page of each event, and shows the notifications', () => {
    for (const { name } of EVENTS) expect(text(`${version}/events/${name}.html`)).toContain(name)
    const keys = text(`${version}/events/api_key.query.html`)
    for (const word of ['"added"', '"changed"', '"removed"', 'notify_unsubscribed'])
      expect(keys).toContain(word)
  })

  it('tells each route, with its statuses, and what each member that is sent means', () => {
    const shown = text(`${version}/http.html`)
    for (const row of GROUPS.flatMap(({ rows }) => rows)) {
      expect(shown).toContain(routeOf(row))
      for (const status of Object.keys(row.replies)) expect(shown).toContain(status)
      const bodies = Object.values(row.replies).flatMap((reply) => replyOf(reply).content ?? [])
      const schemas = [row.query, row.body?.schema, ...bodies.map(({ schema }) => schema)]
      for (const schema of schemas)
        for (const member of schema ? membersOf(toJson(schema)) : [])
          expect(member.schema.description, `${routeOf(row)} ${member.name}`).toBeDefined()
    }
  })

  it('shows each example of a query', () => {
    const shown = text(`${version}/query.html`)
    for (const { filters, options = {} } of QUERY_EXAMPLES)
      expect(shown).toContain(layOut([filters, options]))
  })

  it('tells each difference between patterns here and in Python', () => {
    const shown = text(`${version}/query.html`)
    for (const { pattern } of OTHERWISE) expect(shown).toContain(pattern)
    for (const { patterns } of [...REFUSED, ...MORE])
      for (const pattern of patterns) expect(shown).toContain(pattern)
  })

  it('tells each role', () => {
    const shown = anchorsOf(page(`${version}/roles.html`))
    for (const role of ROLES) expect(shown).toContain(role)
  })

  it('shows each code and each reason that can be met', () => {
    const shown = text(`${version}/index.html`)
    for (const code of Object.values(RPC)) expect(shown).toContain(String(code))
    for (const fault of Object.keys(FAULTS) as FaultCode[])
      if (fault !== 'SCRAM_NOT_IN_PROGRESS' || isAtLeast(version, 'v26.0.0'))
        expect(shown).toContain(reasonOf(fault))
    for (const [message] of SCHEMA_TEXTS) expect(shown).toContain(message)
  })

  it('has no talk of what came later', () => {
    if (isAtLeast(version, 'v26.0.0')) return
    for (const [path, html] of pages)
      if (path.startsWith(`api/docs/${version}/`))
        for (const later of ['convert_raw_key', 'CLIENT_FIRST_MESSAGE', 'stored_key', 'client_key'])
          expect(html.includes(later), `${path} ${later}`).toBe(false)
  })
})

describe('the words of errors', () => {
  const sources = [
    ...['api_key', 'api_key_change', 'auth_login', 'core', 'device', 'user', 'user_secrets'].map(
      (name) => `methods/${name}`,
    ),
    ...['create', 'change', 'rules'].map((name) => `keys/${name}`),
    ...['commands', 'queries', 'device-user'].map((name) => `users/${name}`),
    ...['sessions/proof', 'devices/commands', 'rpc/params', 'domain/fault', 'rpc/dispatch'],
  ]
    .map((name) => readFileSync(join(import.meta.dirname, `../../shared/${name}.ts`), 'utf8'))
    .join('\n')

  it('stand in the sources', () => {
    const told = Object.values(RULES).flatMap((rules) => rules.map(([, words]) => words))
    for (const words of told)
      for (const part of words.split('…').map((piece) => piece.trim()))
        expect(sources, words).toContain(part)
    expect(sources).toContain(`'${TOO_MANY_TEXT}'`)
  })

  it('are told for each rule of a method', () => {
    const told = Object.values(RULES).flatMap((rules) => rules.map(([, words]) => words))
    const rules = [...sources.matchAll(/(?:invalid\(|push\()\[[^,\]]+, '([^']+)'\]/g)]
    expect(rules.length).toBeGreaterThan(10)
    for (const [, words = ''] of rules) expect(told).toContain(words)
  })

  it('have a meaning each', () => {
    expect(Object.keys(MEANING).sort()).toEqual(Object.keys(FAULTS).sort())
  })
})

describe('every page', () => {
  it('is well-formed, in English, with one h1 and headings in order', () => {
    for (const [path, html] of pages) {
      expect(brokenTags(html), path).toEqual([])
      expect(html, path).toMatch(/^<!doctype html><html lang="en">/)
      expect(html, path).toMatch(/<title>[^<]+<\/title>/)
      const levels = [...html.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level))
      expect(levels[0], path).toBe(1)
      expect(
        levels.filter((level) => level === 1),
        path,
      ).toHaveLength(1)
      levels.forEach((level, at) => {
        expect(level - (levels[at - 1] ?? 0), path).toBeLessThanOrEqual(1)
      })
      const anchors = anchorsOf(html)
      expect(new Set(anchors).size, path).toBe(anchors.length)
    }
  })

  it('has no script, style or handler within, and nothing of others', () => {
    for (const [path, html] of pages) {
      expect(html, path).not.toMatch(/<style|\sstyle=|<[^>]*\son[a-z]+="|javascript:/i)
      for (const [, attributes = '', inside] of html.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)) {
        expect(attributes, path).toContain('src="/api/docs/docs.js"')
        expect(inside, path).toBe('')
      }
      expect(html, path).not.toMatch(/\ssrc="(?!\/api\/docs\/)|<link[^>]*href="(?!\/)/)
    }
  })

  it('links to what is there', () => {
    // The last is no file: the service answers it itself.
    const built = ['api/docs/docs.css', 'api/docs/docs.js', 'openapi.json']
    const there = new Set([...files.keys(), ...built])
    for (const [path, html] of pages)
      for (const link of linksOf(html)) {
        if (link === 'https://www.jsonrpc.org/specification' || link.startsWith('/ui/')) continue
        const { pathname, hash } = new URL(link, `https://docs.example/${path}`)
        const file = `${pathname.slice(1)}${pathname.endsWith('/') ? 'index.html' : ''}`
        const target = file === path.replace(/^$/, 'index.html') ? html : files.get(file)
        expect(there.has(file), `${path}: ${link}`).toBe(true)
        if (hash !== '')
          expect(anchorsOf(target ?? ''), `${path}: ${link}`).toContain(hash.slice(1))
      }
  })

  it('leads to the same page in each version, newest first, and says which this is', () => {
    for (const [path, html] of pages) {
      if (path === 'api/docs/index.html') continue
      const [, list = ''] = /<details class="versions">.*?<ul>(.*?)<\/ul>/s.exec(html) ?? []
      const versions = linksOf(list).map((link) => link.split('/')[3])
      expect(versions, path).toEqual(VERSIONS.toReversed())
      expect(list.match(/aria-current/g), path).toHaveLength(1)
    }
  })

  it('shows no secret', () => {
    for (const [path, content] of files) {
      for (const password of PASSWORDS) expect(content.includes(password), path).toBe(false)
      expect(content, path).not.toMatch(/\d{10}-[A-Za-z0-9]{64}/)
    }
  })
})

it('finds by search what is there', () => {
  for (const version of VERSIONS) {
    const entries: { title: string; href: string }[] = JSON.parse(
      files.get(`api/docs/${version}/search.json`) ?? '[]',
    )
    for (const { title, href } of entries) {
      const { pathname, hash } = new URL(href, 'https://docs.example')
      const html = files.get(`${pathname.slice(1)}${pathname.endsWith('/') ? 'index.html' : ''}`)
      expect(html, title).toBeDefined()
      if (hash !== '') expect(anchorsOf(html ?? ''), title).toContain(hash.slice(1))
    }
  }
})

it('is the current version at /openrpc.json', () => {
  expect(files.get('openrpc.json')).toBe(files.get('api/docs/current/openrpc.json'))
})
