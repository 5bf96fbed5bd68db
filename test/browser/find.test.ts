/** Searching, filtering, sorting and turning pages. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { enter, it, row, sees, seesNo } from './kit.ts'

const names = async (page: Page): Promise<string[]> =>
  (await page.getByRole('rowheader').allTextContents()).map((text) => text.trim())

/** Polled: the rows of the question before stand until the answer is here. */
const lists = (page: Page, ...expected: string[]) =>
  expect.poll(() => names(page)).toEqual(expected)

const begins = (page: Page, expected: string) =>
  expect.poll(async () => (await names(page))[0]).toBe(expected)

it('finds keys by name and user as one types', async ({ visit, tenant }) => {
  await tenant.user('robot')
  for (const name of ['Backup', 'metrics', 'a.b (c)']) await tenant.key(name)
  await tenant.key('arm', { username: 'robot' })
  const page = await enter(visit, tenant)
  await sees(row(page, 'metrics'))
  const search = page.getByRole('searchbox')
  await search.fill('BACK')
  await seesNo(row(page, 'metrics'))
  await lists(page, 'Backup')
  await search.fill('rob')
  await sees(row(page, 'arm'))
  await lists(page, 'arm')
  await search.fill('a.b (')
  await sees(row(page, 'a.b (c)'))
  await search.fill('nothing like it')
  await sees(page.getByText('No key fits the search.'))
  await page.getByRole('button', { name: 'Clear the search' }).click()
  await sees(row(page, 'metrics'))
})

it('filters by conditions that all hold', async ({ visit, tenant }) => {
  for (const name of ['one', 'two', 'three']) await tenant.key(name)
  const { id } = await tenant.key('two again')
  await tenant.rpc.call('api_key.revoke', id, {})
  const page = await enter(visit, tenant)
  await page.getByRole('button', { name: 'Filter' }).click()
  await page.getByRole('button', { name: 'Add condition' }).click()
  await page.getByLabel('Operator of condition 1').selectOption('begins with')
  await page.getByLabel('Value of condition 1').fill('two')
  await seesNo(row(page, 'one'))
  await lists(page, 'two again', 'two')
  await page.getByRole('button', { name: 'Add condition' }).click()
  await page.getByLabel('Field of condition 2').selectOption('Revoked')
  await seesNo(row(page, 'two'))
  await lists(page, 'two again')
  await page.getByLabel('Field of condition 1').selectOption('Name')
  await page.getByLabel('Operator of condition 1').selectOption('matches pattern')
  await page.getByLabel('Value of condition 1').fill('(')
  await sees(page.getByRole('alert').getByText('Invalid regular expression'))
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await sees(row(page, 'one'))
})

it('sorts by its headings, and turns pages in that order', async ({ visit, tenant }) => {
  for (let n = 1; n <= 53; n++)
    await tenant.key(`key ${String(n).padStart(3, '0')}`, {
      expires_at: n % 2 ? null : { $date: Date.UTC(2040, 0, n) },
    })
  const page = await enter(visit, tenant)
  await sees(page.getByText('1–50 of 53'))
  await begins(page, 'key 053')
  await page.getByRole('button', { name: 'Next' }).click()
  await sees(page.getByText('51–53 of 53'))
  await lists(page, 'key 003', 'key 002', 'key 001')
  await page.getByRole('button', { name: 'Previous' }).click()
  await sees(page.getByText('1–50 of 53'))
  for (const [heading, first] of [
    ['Name', 'key 001'],
    ['Expires On', 'key 002'],
  ] as const) {
    await page.getByRole('columnheader', { name: heading, exact: true }).click()
    await sees(row(page, first))
    await begins(page, first)
  }
  await page.getByRole('columnheader', { name: 'Expires On', exact: true }).click()
  // Turned round, those that never expire come first.
  await sees(row(page, 'key 001'))
  await begins(page, 'key 001')
})
