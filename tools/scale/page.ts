/** What a person sees: the portal in Chromium, with many keys behind it. */
import { type CDPSession, chromium, type Page } from 'playwright-core'
import type { Bootstrap } from '../../local/bootstrap.ts'

export type Seen = {
  /** Milliseconds from loading the page to the first rows, by a session that is kept. */
  readonly firstRows: number
  /** Megabytes of JavaScript's heap, collected, on pages by their numbers. */
  readonly heap: readonly (readonly [page: number, megabytes: number])[]
  /** Milliseconds that a page took at the most. */
  readonly slowestPage: number
  /** A search that finds nothing: until its progress showed, until its end, and the longest that the page
   * stood still meanwhile, in milliseconds. */
  readonly search: { readonly progress: number; readonly end: number; readonly stillest: number }
}

const PAGES = 100
const EVERY = 20

export const measurePage = async (program: string, known: Bootstrap): Promise<Seen> => {
  const browser = await chromium.launch({ executablePath: program, args: FLAGS })
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    await signIn(page, known)
    const began = performance.now()
    await page.reload()
    await page.getByRole('row').nth(1).waitFor()
    const firstRows = performance.now() - began
    const tools = await context.newCDPSession(page)
    return { firstRows, ...(await turnPages(page, tools)), search: await searchInVain(page) }
  } finally {
    await browser.close()
  }
}

// ---------------------------------------------------------------------------------------------

const FLAGS = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const signIn = async (page: Page, { https, tenant, username, password }: Bootstrap) => {
  await page.goto(`${https}/ui/`)
  await page.getByLabel('Tenant').fill(tenant)
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('row').nth(1).waitFor()
}

const turnPages = async (page: Page, tools: CDPSession) => {
  const heap: [number, number][] = [[1, await heapOf(tools)]]
  let slowestPage = 0
  for (let number = 2; number <= PAGES; number++) {
    const began = performance.now()
    await page.getByRole('button', { name: 'Next' }).click()
    const first = ((number - 1) * 50 + 1).toLocaleString('en')
    await page.getByText(new RegExp(`^${first}–`)).waitFor()
    await page.locator('[aria-busy=false]').waitFor()
    slowestPage = Math.max(slowestPage, performance.now() - began)
    if (number % EVERY === 0) heap.push([number, await heapOf(tools)])
  }
  return { heap, slowestPage }
}

const heapOf = async (tools: CDPSession): Promise<number> => {
  await tools.send('HeapProfiler.enable')
  await tools.send('HeapProfiler.collectGarbage')
  const { usedSize } = await tools.send('Runtime.getHeapUsage')
  return usedSize / 1e6
}

/** Counts the milliseconds between pictures, for as long as the page is there. */
const WATCH = `
  window.stillest = 0
  let before = performance.now()
  const look = () => {
    const now = performance.now()
    window.stillest = Math.max(window.stillest, now - before)
    before = now
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)`

const searchInVain = async (page: Page) => {
  await page.evaluate(WATCH)
  const began = performance.now()
  await page.getByRole('searchbox').fill('nowhere to be found')
  // Where there are few keys, it is over before a progress could be seen.
  const nothing = page.getByText('No key fits the search.')
  await page.getByRole('progressbar', { name: 'Search' }).or(nothing).first().waitFor()
  const progress = performance.now() - began
  await nothing.waitFor({ timeout: 120_000 })
  const end = performance.now() - began
  const stillest = await page.evaluate<number>('window.stillest')
  return { progress, end, stillest }
}
