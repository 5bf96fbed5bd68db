/** What stands in a form and wasn't touched is neither judged nor sent. */
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { act, enter, it, row, sees, seesNo } from './kit.ts'

type Entry = { readonly name: string; readonly expires_at: Date | null; readonly revoked: boolean }

const DAY = 86_400_000

/** The beginning of a day in Berlin, where the pages are, some days from now; 14:37 of it, by default. */
const inDays = (days: number, time = '14:37'): Date => {
  const day = new Date(Date.now() + days * DAY).toLocaleDateString('sv', { timeZone: BERLIN })
  const utc = new Date(`${day}T${time}:00Z`)
  const there = new Date(`${utc.toLocaleString('sv', { timeZone: BERLIN }).replace(' ', 'T')}Z`)
  return new Date(2 * utc.getTime() - there.getTime())
}
const BERLIN = 'Europe/Berlin'

/** From here on the page believes that it is this late; the service does not. */
const setClock = (page: Page, to: Date): Promise<void> => page.clock.setFixedTime(to)

const save = (page: Page): Promise<void> => page.getByRole('button', { name: 'Save' }).click()

const typeYear = async (page: Page, year: number): Promise<void> => {
  await page.getByRole('spinbutton', { name: 'year' }).click()
  await page.keyboard.type(String(year))
}

describe('a key with an expiry', () => {
  it('is renamed on its last day, and keeps the minute at which it expires', async ({
    visit,
    tenant,
  }) => {
    const expires = inDays(3)
    const { id } = await tenant.key('last day', { expires_at: expires })
    const page = await enter(visit, tenant)
    await setClock(page, inDays(3, '09:00'))
    await act(page, 'last day', 'Edit')
    await sees(page.getByText(/refused from .*14:37/))
    await page.getByLabel('Name', { exact: true }).fill('renamed')
    await save(page)
    await sees(row(page, 'renamed'))
    const key = await tenant.rpc.call<Entry>('api_key.get_instance', id)
    expect(key).toMatchObject({ name: 'renamed', expires_at: expires })
  })

  it('that has passed is given another day, and no day that has passed too', async ({
    visit,
    tenant,
  }) => {
    const { id } = await tenant.key('expired', { expires_at: inDays(3) })
    const page = await enter(visit, tenant)
    await setClock(page, inDays(10))
    await act(page, 'expired', 'Edit')
    const year = new Date(inDays(10)).getFullYear()
    await typeYear(page, year - 1)
    await save(page)
    await sees(page.getByText(/Value must be .* or later/))
    await typeYear(page, year + 2)
    await save(page)
    await seesNo(page.getByRole('dialog'))
    const { expires_at } = await tenant.rpc.call<Entry>('api_key.get_instance', id)
    expect(expires_at?.getTime()).toBeGreaterThan(Date.now() + 300 * DAY)
  })

  it('offers no day that has passed, although the stored one has', async ({ visit, tenant }) => {
    await tenant.key('expired', { expires_at: inDays(3) })
    const page = await enter(visit, tenant)
    await setClock(page, inDays(10))
    await act(page, 'expired', 'Edit')
    await page.getByRole('button', { name: 'Calendar' }).click()
    await sees(page.getByRole('grid').last())
    const open = page.getByRole('gridcell').locator('[role=button]:not([aria-disabled=true])')
    const [first] = await open.allTextContents()
    const day = new Intl.DateTimeFormat('en-GB', { timeZone: BERLIN, day: 'numeric' })
    expect(first).toBe(day.format(inDays(11)))
  })

  it('has its day back when Non-expiring was only tried', async ({ visit, tenant }) => {
    const expires = inDays(40)
    const { id } = await tenant.key('tried', { expires_at: expires })
    const page = await enter(visit, tenant)
    await act(page, 'tried', 'Edit')
    await page.getByText('Non-expiring').click()
    await page.getByText('Non-expiring').click()
    await save(page)
    await seesNo(page.getByRole('dialog'))
    const key = await tenant.rpc.call<Entry>('api_key.get_instance', id)
    expect(key.expires_at).toEqual(expires)
  })

  it('that counts as revoked because it expired can be edited, and reset with another day', async ({
    visit,
    tenant,
  }) => {
    const { id } = await tenant.key('marked', { expires_at: inDays(3) })
    await tenant.rpc.call('api_key.revoke', id)
    const page = await enter(visit, tenant)
    await sees(row(page, 'marked').getByText('Yes: Revoked'))
    await setClock(page, inDays(10))
    await page.getByRole('button', { name: 'Actions for marked' }).click()
    expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Edit', 'Reset', 'Delete'])
    await page.getByRole('menuitem', { name: 'Reset' }).click()
    await typeYear(page, inDays(10).getFullYear() + 2)
    await page.getByRole('button', { name: 'Reset' }).click()
    await sees(page.getByRole('dialog', { name: 'API Key' }).getByLabel('API key'))
    const key = await tenant.rpc.call<Entry>('api_key.get_instance', id)
    expect(key.revoked).toBe(false)
    expect(key.expires_at?.getTime()).toBeGreaterThan(Date.now() + 300 * DAY)
  })
})

it('a name that begins with a blank is kept where the expiry alone is changed', async ({
  visit,
  tenant,
}) => {
  const { id } = await tenant.key(' blank ')
  const page = await enter(visit, tenant)
  await page.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: 'Edit' }).click()
  await page.getByText('Non-expiring').click()
  await save(page)
  await seesNo(page.getByRole('dialog'))
  const key = await tenant.rpc.call<Entry>('api_key.get_instance', id)
  expect(key.name).toBe(' blank ')
  expect(key.expires_at).not.toBeNull()
})

it('a change of a user from elsewhere stays where it wasn’t touched here', async ({
  visit,
  tenant,
}) => {
  const { id } = await tenant.user('ada', ['API_KEY_READ', 'READONLY_ADMIN'])
  const page = await enter(visit, tenant, { at: '#/users' })
  await act(page, 'ada', 'Edit')
  await tenant.rpc.call('user.update', id, { roles: ['ACCOUNT_READ'] })
  // Ticked off and on again: the same roles, in another order.
  await page.getByText('API_KEY_READ', { exact: true }).click()
  await page.getByText('API_KEY_READ', { exact: true }).click()
  await page.getByLabel('Full Name').fill('Ada Lovelace')
  await save(page)
  await sees(row(page, 'ada').getByText('Ada Lovelace'))
  const user = await tenant.rpc.call('user.get_instance', id)
  expect(user).toMatchObject({ full_name: 'Ada Lovelace', roles: ['ACCOUNT_READ'] })
})
