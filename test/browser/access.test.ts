/** The portal for everybody: what axe says of each screen and dialog, by keyboard alone, on small screens. */
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { setUpFactor } from '../kit/second-factor.ts'
import { expectAccessible } from './axe.ts'
import { act, appIn, enter, it, type Look, row, sees, seesNo, shot, signIn } from './kit.ts'
import { PASSWORD } from './tenant.ts'

const LOOKS = [
  ['light', 'desk'],
  ['dark', 'desk'],
  ['light', 'phone'],
  ['dark', 'phone'],
] as const

describe.each(LOOKS)('in %s on a %s', (scheme, size) => {
  const look: Look = { scheme, size }
  const check = async (page: Page, name: string): Promise<void> => {
    await shot(page, `${name}-${scheme}-${size}`)
    await expectAccessible(page, name)
  }
  const close = async (page: Page): Promise<void> => {
    await page.keyboard.press('Escape')
    await seesNo(page.getByRole('dialog').or(page.getByRole('alertdialog')))
  }

  it('signing in breaks no rule', async ({ visit, tenant }) => {
    const { id } = await tenant.user('ada')
    expect(id).toBeGreaterThan(0)
    await setUpFactor(tenant.rpc, 'ada', Date.now)
    const page = await visit(look)
    await sees(page.getByRole('heading', { name: 'Sign in' }))
    await check(page, 'sign-in')
    await signIn(page, { ...tenant, password: 'wrong password' })
    await sees(page.getByRole('alert'))
    await check(page, 'sign-in-refused')
    await signIn(page, { ...tenant, password: PASSWORD }, 'ada')
    await sees(page.getByLabel('Code'))
    await check(page, 'code')
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await check(page, 'recovery-code')
  })

  it('keys and their dialogs break no rule', async ({ visit, tenant }) => {
    const page = await enter(visit, tenant, look)
    await sees(page.getByText('There are no API keys yet.'))
    await check(page, 'keys-none')
    for (const name of ['backup', 'metrics'])
      await tenant.key(name, { expires_at: { $date: Date.UTC(2040, 0, 1) } })
    const { id } = await tenant.key('lost')
    await tenant.rpc.call('api_key.revoke', id, { reason: 'laptop lost' })
    await sees(row(page, 'lost').getByText('laptop lost'))
    await check(page, 'keys')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.getByRole('button', { name: 'Add condition' }).click()
    await page.getByRole('searchbox').fill('nothing')
    await sees(page.getByText('No key fits the search.'))
    await check(page, 'keys-not-found')
    await page.getByRole('searchbox').fill('')
    await sees(row(page, 'backup'))

    await page.getByRole('button', { name: 'Actions for backup' }).click()
    await sees(page.getByRole('menu'))
    await check(page, 'row-menu')
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByLabel('Name', { exact: true }).fill('backup')
    await page.getByText('Non-expiring').click()
    await page.getByRole('button', { name: 'Calendar' }).click()
    await sees(page.getByRole('grid', { name: /20\d\d/ }))
    await check(page, 'calendar')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
    await sees(page.getByText('name must be unique'))
    await check(page, 'add-refused')
    await page.getByLabel('Name', { exact: true }).fill('another')
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
    await sees(page.getByRole('dialog', { name: 'API Key' }).getByLabel('API key'))
    await check(page, 'shown-once')
    await page.getByRole('button', { name: 'Close' }).click()
    await sees(page.getByRole('button', { name: 'Close without the key' }))
    await check(page, 'shown-once-warned')
    await close(page)

    for (const action of ['Edit', 'Reset', 'Revoke', 'Delete']) {
      await act(page, 'backup', action)
      await sees(page.getByRole('heading', { name: `${action} API Key` }))
      await check(page, action.toLowerCase())
      await close(page)
    }
  })

  it('users, sessions and the account break no rule', async ({ visit, tenant }) => {
    await tenant.user('ada')
    const page = await enter(visit, tenant, { ...look, at: '#/users' })
    await sees(row(page, 'ada'))
    await check(page, 'users')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await sees(page.getByRole('heading', { name: 'Add User' }))
    await check(page, 'user-add')
    await close(page)
    await act(page, 'ada', 'Lock')
    await check(page, 'user-lock')
    await close(page)
    await act(page, 'ada', 'Set up second factor')
    await page.getByRole('button', { name: 'Make a new secret' }).click()
    await sees(page.getByRole('img'))
    await check(page, 'second-factor')
    await page.getByLabel('Code of the new app').fill((await appIn(page))(Date.now()))
    await page.getByRole('button', { name: 'Confirm' }).click()
    await sees(page.getByRole('textbox', { name: 'Recovery codes' }))
    await check(page, 'recovery-codes')
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('link', { name: 'Sessions' }).click()
    await sees(page.getByText('this session'))
    await check(page, 'sessions')
    await page.getByRole('button', { name: 'Signed in as admin: menu' }).click()
    await check(page, 'user-menu')
    await page.getByRole('menuitem', { name: 'Password and second factor' }).click()
    await sees(page.getByRole('heading', { name: 'Account' }))
    await check(page, 'account')
    await page.getByRole('button', { name: 'Set up second factor' }).click()
    await page.getByRole('button', { name: 'Make a new secret' }).click()
    await sees(page.getByLabel('Your password'))
    await check(page, 'second-factor-own')
  })
})

it('works by keyboard alone, from the sign-in to a key and its end', async ({ visit, tenant }) => {
  const page = await visit()
  const { keyboard } = page
  await sees(page.getByLabel('Tenant'))
  for (const text of [tenant.slug, 'admin', tenant.password]) {
    await keyboard.type(text)
    await keyboard.press('Tab')
  }
  await keyboard.press('Enter')
  await sees(page.getByRole('heading', { name: 'User API Keys' }))
  await page.getByRole('button', { name: 'Add', exact: true }).focus()
  await keyboard.press('Enter')
  await sees(page.getByRole('heading', { name: 'Add API Key' }))
  await keyboard.type('by hand')
  await keyboard.press('Enter')
  await sees(page.getByRole('button', { name: 'Copy to Clipboard' }))
  await page.context().grantPermissions(['clipboard-write'])
  await keyboard.press('Enter')
  await sees(page.getByText('API key copied to clipboard'))
  await keyboard.press('Escape')
  await seesNo(page.getByRole('dialog'))
  // Back where one came from.
  await sees(page.locator('button:focus').getByText('Add'))

  await sees(page.getByRole('button', { name: 'Actions for by hand' }))
  // Into the table, from its row to the last cell of it.
  await page.getByRole('button', { name: 'Filter' }).focus()
  await keyboard.press('Tab')
  await keyboard.press('ArrowLeft')
  await keyboard.press('Enter')
  await sees(page.getByRole('menu'))
  await keyboard.press('End')
  await keyboard.press('Enter')
  await sees(page.getByRole('alertdialog', { name: 'Delete API Key' }))
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  await sees(page.getByText('There are no API keys yet.'))
})

it('needs no sideways scrolling at 320 pixels', async ({ visit, tenant }) => {
  await tenant.key(
    'a name that is as long as names of keys become when people describe what they are for',
  )
  const page = await enter(visit, tenant, { size: { width: 320, height: 640 } })
  for (const place of ['/keys', '/users', '/sessions', '/account']) {
    await page.evaluate(`location.hash = '#${place}'`)
    await sees(page.getByRole('heading', { level: 1 }))
    await seesNo(page.getByText('Loading').first())
    const width = await page.evaluate<number>('document.documentElement.scrollWidth')
    expect(width, place).toBeLessThanOrEqual(320)
  }
  await shot(page, 'narrow')
})
