/** What the page is told it may do, and what it leaves behind. */
import { expect } from 'vitest'
import { PAGE_HEADERS } from '../../shared/http/page-headers.ts'
import { enter, it, sees } from './kit.ts'
import { theService } from './tenant.ts'

it('every page and file comes with the headers', async ({ visit }) => {
  const page = await visit()
  const seen: string[] = []
  page.on('response', (response) => {
    const headers = response.headers()
    for (const [name, value] of Object.entries(PAGE_HEADERS))
      expect(headers[name.toLowerCase()], `${name} of ${response.url()}`).toBe(value)
    seen.push(response.url())
  })
  await page.reload()
  await sees(page.getByRole('heading', { name: 'Sign in' }))
  expect(seen.some((url) => url.endsWith('/ui/'))).toBe(true)
  expect(seen.some((url) => url.endsWith('.js'))).toBe(true)
})

it('runs nothing that was written into it, and is in nobody’s frame', async ({ visit }) => {
  const page = await visit({
    tolerates: /Content Security Policy|frame|Refused|ERR_BLOCKED|Trusted/,
  })
  const run = await page.evaluate<boolean>(`new Promise((done) => {
    const script = document.createElement('script')
    script.onload = script.onerror = () => done(window.ran === true)
    try { script.textContent = 'window.ran = true' } catch {}
    document.head.append(script)
    setTimeout(() => done(window.ran === true), 200)
  })`)
  expect(run).toBe(false)
  const other = await page.context().newPage()
  await other.goto('about:blank')
  await other.setContent(`<iframe src="${theService().https}/ui/"></iframe>`)
  await other.waitForTimeout(500)
  const inside = other.frames().at(-1)
  expect(
    await inside
      ?.getByRole('heading')
      .count()
      .catch(() => 0),
  ).toBe(0)
})

it('keeps no password and no key, and one token that is good once', async ({ visit, tenant }) => {
  const page = await enter(visit, tenant)
  const kept = await page.evaluate<[string, string][]>('Object.entries({ ...sessionStorage })')
  expect(kept.map(([name]) => name)).toEqual(['keyharbor.token'])
  const [, token = ''] = kept[0] ?? []
  expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0)
  expect(token).not.toContain(tenant.password)
  const login = { mechanism: 'TOKEN_PLAIN', token }
  expect(await tenant.login(login)).toBe('SUCCESS')
  expect(await tenant.login(login)).toBe('AUTH_ERR')
})
