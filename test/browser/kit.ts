/**
 * Pages of a real browser for tests. A page that says anything on its console, throws, breaks its
 * Content-Security-Policy (the console says so) or asks another host for something fails its test.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core'
import { afterAll, test as base, expect, inject } from 'vitest'
import { codesOf } from '../kit/second-factor.ts'
import { newTenant, type Tenant } from './tenant.ts'

export const SIZES = {
  phone: { width: 390, height: 844 },
  desk: { width: 1280, height: 900 },
  wide: { width: 1920, height: 1080 },
} as const

export type Look = {
  readonly scheme?: 'light' | 'dark'
  readonly size?: keyof typeof SIZES | { readonly width: number; readonly height: number }
}

type Options = Look & {
  /** Address of the site; by default the run's. */
  readonly site?: string
  /** What comes behind `/ui/`. */
  readonly at?: string
  /** A page in the context of this one: another tab, that is. */
  readonly beside?: Page
  /** Complaints that the test provokes. */
  readonly tolerates?: RegExp
}

export type Visit = (options?: Options) => Promise<Page>

/** Tests get what they name: `tenant`, one of their own, and `visit`, which opens pages. */
export const it = base.extend<{ needed: undefined; tenant: Tenant; visit: Visit }>({
  needed: [
    async ({ skip }, use) => {
      const found = inject('chromium')
      if ('missing' in found) skip(found.missing)
      await use(undefined)
    },
    { auto: true },
  ],
  tenant: async ({ needed: _ }, use) => {
    const tenant = await newTenant()
    await use(tenant)
    tenant.close()
  },
  visit: async ({ needed: _ }, use) => {
    const complaints: string[] = []
    const contexts: BrowserContext[] = []
    await use(async ({ site = theSite(), at = '', beside, tolerates, ...look } = {}) => {
      const context = beside?.context() ?? (await newContext(look))
      if (beside === undefined) contexts.push(context)
      const page = await context.newPage()
      watch(page, site, (text) => tolerates?.test(text) || complaints.push(text))
      await page.goto(`${site}/ui/${at}`)
      return page
    })
    await Promise.all(contexts.map((context) => context.close()))
    expect(complaints, 'what pages complained about').toEqual([])
  },
})

/** The authenticator app of who has typed the secret on the page into it: its codes, by time. */
export const appIn = async (page: Page): Promise<(ms: number) => string> => {
  const secret = (await page.getByLabel('Secret').inputValue()).replaceAll(' ', '')
  return codesOf(`otpauth://totp/x?secret=${secret}&period=30&digits=6`)
}

export const signIn = async (
  page: Page,
  { slug, password }: Pick<Tenant, 'slug' | 'password'>,
  username = 'admin',
): Promise<void> => {
  await page.getByLabel('Tenant').fill(slug)
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Opens the site and signs in: what most tests begin with. */
export const enter = async (
  visit: Visit,
  who: Pick<Tenant, 'slug' | 'password'>,
  { username, ...options }: Options & { readonly username?: string } = {},
): Promise<Page> => {
  const page = await visit(options)
  await signIn(page, who, username)
  await sees(page.getByRole('navigation', { name: 'Main' }))
  return page
}

/** A row of a table by the text of its heading cell. */
export const row = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) })

/** Picks an action from the menu of a row. */
export const act = async (page: Page, name: string, action: string): Promise<void> => {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
  await page.getByRole('menuitem', { name: action, exact: true }).click()
}

/** Writes the page as a picture, for looking at. */
export const shot = async (page: Page, name: string): Promise<void> => {
  const folder = join(import.meta.dirname, 'screenshots')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
}

/** Waits until it is on the page, and can be seen. */
export const sees = (locator: Locator): Promise<void> => locator.waitFor()
export const seesNo = (locator: Locator): Promise<void> => locator.waitFor({ state: 'hidden' })

// ---------------------------------------------------------------------------------------------

/** Within it comes what is waited for, also on a busy machine. */
const PATIENCE_MS = 300_000

let browser: Promise<Browser> | undefined

afterAll(async () => (await browser)?.close())

const launch = (): Promise<Browser> => {
  const found = inject('chromium')
  if ('missing' in found) throw new Error(found.missing)
  return chromium.launch({
    executablePath: found.path,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // The browser's own walls need rights of a user's session, which containers' root doesn't have.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  })
}

const theSite = (): string => {
  const site = inject('site')
  if (site === null) throw new Error('there is no site without a browser')
  return site
}

const newContext = async ({ scheme = 'light', size = 'desk' }: Look): Promise<BrowserContext> => {
  browser ??= launch()
  const context = await (await browser).newContext({
    ignoreHTTPSErrors: true,
    colorScheme: scheme,
    viewport: typeof size === 'string' ? SIZES[size] : size,
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
  })
  context.setDefaultTimeout(PATIENCE_MS)
  return context
}

const watch = (page: Page, site: string, complain: (text: string) => void): void => {
  page.on('console', (message) => complain(`console ${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complain(`error: ${error.message}`))
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    if (protocol !== 'blob:' && host !== new URL(site).host)
      complain(`request to ${host}: ${request.url()}`)
  })
}
