/** The API documentation in a browser: for everybody, with a script and without. */
import { expectAccessible } from './axe.ts'
import { it, sees, seesNo, shot } from './kit.ts'

const PAGES = [
  ...['', 'methods/', 'methods/api_key.create.html', 'methods/auth.login_ex.html'],
  ...[
    'events/',
    'events/api_key.query.html',
    'jobs.html',
    'query.html',
    'roles.html',
    'http.html',
    'extensions.html',
  ],
]

for (const [scheme, size] of [
  ['light', 'desk'],
  ['dark', 'phone'],
] as const)
  it(`breaks no rule in ${scheme} on a ${size}`, async ({ visit }) => {
    const page = await visit({ scheme, size })
    for (const path of PAGES) {
      await page.goto(new URL(`/api/docs/v26.0.0/${path}`, page.url()).href)
      await sees(page.getByRole('heading', { level: 1 }))
      await shot(page, `docs-${path.replaceAll(/\W+/g, '-')}-${scheme}-${size}`)
      await expectAccessible(page, path)
    }
  })

it('leads from its root to the current version, and from there to the same page of another', async ({
  visit,
}) => {
  const page = await visit()
  await page.goto(new URL('/api/docs/', page.url()).href)
  await page.waitForURL('**/api/docs/current/')
  await page.goto(new URL('/api/docs/current/query.html', page.url()).href)
  const versions = page.locator('details', { hasText: 'v25.10.0' }).first()
  await versions.locator('summary').click()
  await versions.getByRole('link', { name: 'v25.10.0' }).click()
  await page.waitForURL('**/api/docs/v25.10.0/query.html')
})

it('is searched by keyboard', async ({ visit }) => {
  const page = await visit()
  await page.goto(new URL('/api/docs/current/', page.url()).href)
  await sees(page.getByRole('searchbox'))
  await page.keyboard.press('/')
  await page.keyboard.type('api_key.revoke')
  await sees(
    page
      .getByRole('search')
      .getByRole('link', { name: /api_key\.revoke/ })
      .first(),
  )
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/methods/api_key.revoke.html')
})

it('can be read without a script', async ({ visit }) => {
  const first = await visit()
  const browser = first.context().browser()
  const context = await browser?.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true })
  const page = await context?.newPage()
  if (context === undefined || page === undefined) throw new Error('there is no browser')
  await page.goto(new URL('/api/docs/v26.0.0/methods/', first.url()).href)
  await page.getByRole('link', { name: 'api_key.create' }).first().click()
  await sees(page.getByRole('heading', { level: 1, name: /api_key\.create/ }))
  await seesNo(page.getByRole('searchbox'))
  await context.close()
})
