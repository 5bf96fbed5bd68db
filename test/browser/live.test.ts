/** What happens elsewhere, and what happens to the connection. */
import { describe, expect, onTestFinished } from 'vitest'
import { act, enter, it, row, sees, seesNo, shot } from './kit.ts'
import { openLine } from './line.ts'

/** What a browser says of its own when a connection fails. */
const LOST = /WebSocket connection|ERR_/

describe('two browsers side by side', () => {
  it('show what the other one does, without a reload', async ({ visit, tenant }) => {
    const [one, other] = [await enter(visit, tenant), await enter(visit, tenant)]
    await one.getByRole('button', { name: 'Add', exact: true }).click()
    await one.getByLabel('Name', { exact: true }).fill('shared')
    await one.getByRole('dialog').getByRole('button', { name: 'Add' }).click()
    await one.getByRole('button', { name: 'Download' }).click()
    await one.getByRole('button', { name: 'Close' }).click()
    await sees(row(other, 'shared'))
    await sees(other.getByText('1 key', { exact: true }))

    await act(other, 'shared', 'Edit')
    await other.getByLabel('Name', { exact: true }).fill('renamed')
    await other.getByRole('button', { name: 'Save' }).click()
    await sees(row(one, 'renamed'))

    await act(one, 'renamed', 'Revoke')
    await one.getByLabel('Reason').fill('by the other')
    await one.getByRole('button', { name: 'Revoke' }).click()
    await sees(row(other, 'renamed').getByText('Yes: by the other'))
    await shot(other, 'live')

    await act(other, 'renamed', 'Delete')
    await other.getByRole('button', { name: 'Delete' }).click()
    await seesNo(row(one, 'renamed'))
    await sees(one.getByText('There are no API keys yet.'))
  })

  it('tell of new keys where their place isn’t known', async ({ visit, tenant }) => {
    await tenant.key('first')
    const page = await enter(visit, tenant)
    await page.getByRole('columnheader', { name: 'Name', exact: true }).click()
    await sees(
      page
        .getByRole('columnheader', { name: 'Name', exact: true })
        .and(page.locator('[aria-sort=ascending]')),
    )
    await tenant.key('another')
    await sees(page.getByText('A key was added meanwhile.'))
    await page.getByRole('button', { name: 'Load anew' }).click()
    await sees(row(page, 'another'))
  })
})

describe('a connection that is lost', () => {
  it('is said, comes back by itself, and what changed meanwhile is shown', async ({
    visit,
    tenant,
  }) => {
    const line = await openLine()
    onTestFinished(() => line.close())
    await tenant.key('before')
    const page = await enter(visit, tenant, { site: line.site, tolerates: LOST })
    await sees(row(page, 'before'))

    line.cut()
    await sees(page.getByText('The connection is lost'))
    await sees(row(page, 'before'))
    await shot(page, 'offline')
    await tenant.key('meanwhile')

    line.mend()
    await page.getByRole('button', { name: 'Try now' }).click()
    await sees(row(page, 'meanwhile'))
    await seesNo(page.getByText('The connection is lost'))
    await tenant.key('after')
    await sees(row(page, 'after'))
  })

  it('keeps nobody from a session that goes on', async ({ visit, tenant }) => {
    const line = await openLine()
    onTestFinished(() => line.close())
    const page = await enter(visit, tenant, { site: line.site, tolerates: LOST })
    for (const name of ['one', 'two', 'three']) {
      line.cut()
      await sees(page.getByText('The connection is lost'))
      line.mend()
      await page.getByRole('button', { name: 'Try now' }).click()
      await seesNo(page.getByText('The connection is lost'))
      await tenant.key(name)
      await sees(row(page, name))
    }
    expect(await page.getByRole('heading', { name: 'Sign in' }).count()).toBe(0)
  })
})
