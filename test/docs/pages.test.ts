/** The pages of the API documentation: nothing is left out, nothing leads nowhere. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROLES } from '../../shared/auth/roles.ts'
import { FAULTS } from '../../shared/fault.ts'
import { EVENTS } from '../../shared/live/events.ts'
import { METHODS } from '../../shared/methods/index.ts'
import { isAtLeast, VERSIONS } from '../../shared/rpc/versions.ts'
import { renderDocs } from '../../tools/docs/render.tsx'
import { PASSWORDS } from './story.ts'

const files = renderDocs()
const pages = [...files].filter(([path]) => path.endsWith('.html'))
const STATIC = readdirSync(join(import.meta.dirname, '../../tools/docs/static'))
const text = (path: string): string => {
  const file = files.get(path)
  if (file === undefined) throw new Error(`there is no ${path}`)
  return file
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

describe.each(VERSIONS)('the documentation of %s', (version) => {
  const at = `api/docs/${version}`
  const known = [...METHODS.values()].filter(
    ({ since }) => since === undefined || isAtLeast(version, since),
  )

  it('has a page of each method, with its roles and its example as frames', () => {
    for (const { name, access, params } of known) {
      const page = text(`${at}/methods/${name}.html`)
      expect(page).toContain(`"method": "${name}"`)
      expect(page, name).toContain('"result":')
      for (const param of Object.keys(params)) expect(page, name).toContain(param)
      if (Array.isArray(access)) for (const role of access) expect(page, name).toContain(role)
    }
  })

  it('has no page of what it hasn’t', () => {
    const others = [...METHODS.keys()].filter((name) => !known.some((one) => one.name === name))
    for (const name of others) expect(files.has(`${at}/methods/${name}.html`)).toBe(false)
    const key = text(`${at}/methods/api_key.create.html`)
    expect(key.includes('keyhash')).toBe(!isAtLeast(version, 'v26.0.0'))
    expect(key.includes('stored_key')).toBe(isAtLeast(version, 'v26.0.0'))
    expect(key.includes('revoked_reason')).toBe(isAtLeast(version, 'v25.10.0'))
    const login = text(`${at}/methods/auth.login_ex.html`)
    expect(login.includes('SCRAM')).toBe(isAtLeast(version, 'v26.0.0'))
  })

  it('tells of every event and role', () => {
    for (const { name } of EVENTS) expect(text(`${at}/events/${name}.html`)).toContain(name)
    for (const role of ROLES) expect(files.get(`${at}/roles.html`)).toContain(`id="${role}"`)
  })

  it('lists every extension', () => {
    const page = text(`${at}/extensions.html`)
    for (const { name, extension } of known) if (extension) expect(page).toContain(name)
    expect(page).toContain('api_key_update.grace_seconds')
  })

  it('has its OpenRPC document, and finds each method by the search', () => {
    expect(JSON.parse(files.get(`${at}/openrpc.json`) ?? '').info.version).toBe(version.slice(1))
    const found = JSON.parse(files.get(`${at}/search.json`) ?? '') as { title: string }[]
    for (const { name } of known) expect(found.map(({ title }) => title)).toContain(name)
  })
})

it('say what any call may be refused with', () => {
  const page = text('api/docs/current/methods/api_key.create.html')
  for (const fault of [
    'NOT_AUTHENTICATED',
    'SESSION_EXPIRED',
    'NOT_AUTHORIZED',
    'UNAVAILABLE',
  ] as const)
    expect(page).toContain(FAULTS[fault].text)
})

it('mark the version that is shown, newest first', () => {
  const page = files.get('api/docs/v25.10.0/query.html') ?? ''
  const links = [
    ...(/<details.*?<\/details>/s.exec(page)?.[0] ?? '').matchAll(
      /<li><a href="\/api\/docs\/(v[\d.]+)\/query\.html"([^>]*)>([^<]*)/g,
    ),
  ]
  expect(links.map(([, version, mark, label]) => [version, mark !== '', label])).toEqual([
    ['v26.0.0', false, 'v26.0.0 (current)'],
    ['v25.10.0', true, 'v25.10.0'],
    ['v25.04.0', false, 'v25.04.0'],
  ])
})

it('lead only where there is something', () => {
  const isThere = (href: string): boolean => {
    const [path = '', anchor] = href.slice(1).split('#')
    if (path.startsWith('ui/')) return true
    const page = path.endsWith('/') ? `${path}index.html` : path
    if (STATIC.includes(page.slice('api/docs/'.length))) return true
    const file = files.get(page)
    return file !== undefined && (anchor === undefined || file.includes(`id="${anchor}"`))
  }
  for (const [path, html] of pages)
    for (const [, href = ''] of html.matchAll(/(?:href|src|data-index)="([^"]*)"/g))
      expect(isThere(href.startsWith('#') ? `/${path}${href}` : href), `${path}: ${href}`).toBe(
        true,
      )
  for (const [path, json] of files)
    if (path.endsWith('search.json'))
      for (const { href } of JSON.parse(json) as { href: string }[])
        expect(isThere(href), `${path}: ${href}`).toBe(true)
})

it('have one heading at the top, one title, and nothing that a strict policy refuses', () => {
  for (const [path, html] of pages) {
    expect(html.match(/<h1[ >]/g), path).toHaveLength(1)
    expect(html.match(/<title>/g), path).toHaveLength(1)
    const refused = /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|(?:href|src)="https?:/
    expect(refused.exec(html)?.[0], path).toBe(undefined)
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size, path).toBe(ids.length)
  }
})

it('show no secret', () => {
  for (const [path, content] of files) {
    for (const password of PASSWORDS) expect(content.includes(password), path).toBe(false)
    expect(/\b\d{10}-[A-Za-z0-9]{64}\b/.test(content), path).toBe(false)
  }
})
