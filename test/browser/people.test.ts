/** Users, sessions, the own account, and what somebody without rights sees. */
import { URI } from 'otpauth'
import { describe, expect } from 'vitest'
import { act, enter, it, row, sees, seesNo, signIn } from './kit.ts'
import { PASSWORD } from './tenant.ts'

describe('users', () => {
  it('are made with roles, changed, and deleted', async ({ visit, tenant }) => {
    const page = await enter(visit, tenant, { at: '#/users' })
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByLabel('Username').fill('ada')
    await page.getByLabel('Full Name').fill('Ada')
    await page.getByText('READONLY_ADMIN', { exact: true }).click()
    await page.getByLabel('Password (optional)').fill(PASSWORD)
    await page.getByRole('button', { name: 'Add', exact: true }).last().click()
    await sees(row(page, 'ada').getByText('READONLY_ADMIN'))
    await act(page, 'ada', 'Edit')
    await page.getByLabel('Full Name').fill('Ada Lovelace')
    await page.getByRole('button', { name: 'Save' }).click()
    await sees(row(page, 'ada').getByText('Ada Lovelace'))
    await row(page, 'ada').getByRole('link', { name: 'Keys' }).click()
    await sees(page.getByRole('heading', { name: 'API keys of ada' }))
    await page.getByRole('link', { name: 'Users', exact: true }).click()
    await act(page, 'ada', 'Delete')
    await page.getByRole('button', { name: 'Delete' }).click()
    await seesNo(row(page, 'ada'))
  })

  it('that are locked are signed out where they are', async ({ visit, tenant }) => {
    await tenant.user('ada')
    const hers = await enter(visit, { ...tenant, password: PASSWORD }, { username: 'ada' })
    const page = await enter(visit, tenant, { at: '#/users' })
    await act(page, 'ada', 'Lock')
    await page.getByRole('button', { name: 'Lock', exact: true }).click()
    await sees(row(page, 'ada').getByText('Yes'))
    await sees(hers.getByText('Your session has ended.'))
    await signIn(hers, { ...tenant, password: PASSWORD }, 'ada')
    await sees(hers.getByRole('alert'))
  })

  it('get a second factor, shown once as a QR code and as text', async ({ visit, tenant }) => {
    await tenant.user('ada')
    const page = await enter(visit, tenant, { at: '#/users' })
    await act(page, 'ada', 'Set up second factor')
    await page.getByRole('button', { name: 'Make a new secret' }).click()
    await sees(page.getByRole('img', { name: 'QR code of the second factor of ada' }))
    const secret = (await page.getByLabel('Secret').inputValue()).replaceAll(' ', '')
    await page.getByRole('button', { name: 'Done' }).click()
    const hers = await visit()
    await signIn(hers, { ...tenant, password: PASSWORD }, 'ada')
    const totp = URI.parse(`otpauth://totp/x?secret=${secret}&period=30&digits=6`)
    await hers.getByLabel('Code').fill('generate' in totp ? totp.generate() : '')
    await hers.getByRole('button', { name: 'Continue' }).click()
    await sees(hers.getByRole('heading', { name: 'User API Keys' }))
    expect(await page.content()).not.toContain(secret)
  })
})

describe('sessions', () => {
  it('are seen, and ended: the other browser is signed out', async ({ visit, tenant }) => {
    await tenant.user('ada')
    const hers = await enter(visit, { ...tenant, password: PASSWORD }, { username: 'ada' })
    const page = await enter(visit, tenant, { at: '#/sessions' })
    await sees(page.getByText('this session'))
    await page.getByRole('button', { name: 'End the session of ada' }).click()
    await sees(hers.getByText('Your session has ended.'))
    await seesNo(row(page, 'ada'))
    await page.getByRole('button', { name: 'End all others' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'End all others' }).click()
    await seesNo(page.getByRole('alertdialog'))
    await sees(page.getByText('this session'))
  })
})

describe('the own account', () => {
  it('gets another password by the old one, which ends its sessions', async ({ visit, tenant }) => {
    await tenant.user('ada')
    const who = { ...tenant, password: PASSWORD }
    const page = await enter(visit, who, { username: 'ada', at: '#/account' })
    await page.getByLabel('Old password').fill('wrong password')
    await page.getByLabel('New password').fill('another passphrase')
    await page.getByRole('button', { name: 'Change password' }).click()
    await sees(page.getByText('Incorrect password'))
    await page.getByLabel('Old password').fill(PASSWORD)
    await page.getByLabel('New password').fill('another passphrase')
    await page.getByRole('button', { name: 'Change password' }).click()
    await sees(page.getByRole('heading', { name: 'Sign in' }))
    await signIn(page, { ...tenant, password: 'another passphrase' }, 'ada')
    await sees(page.getByRole('navigation', { name: 'Main' }))
  })
})

describe('who isn’t an administrator', () => {
  it('sees everybody’s keys with READONLY_ADMIN, and manages the own ones', async ({
    visit,
    tenant,
  }) => {
    await tenant.user('ada', ['READONLY_ADMIN'])
    await tenant.key('of admin')
    await tenant.key('of ada', { username: 'ada' })
    const page = await enter(visit, { ...tenant, password: PASSWORD }, { username: 'ada' })
    await sees(row(page, 'of admin'))
    expect(await page.getByRole('button', { name: 'Actions for of admin' }).count()).toBe(0)
    await page.getByRole('link', { name: 'My API Keys' }).click()
    await sees(page.getByRole('heading', { name: 'My API Keys' }))
    await sees(row(page, 'of ada'))
    expect(await row(page, 'of admin').count()).toBe(0)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByLabel('Name', { exact: true }).fill('my own')
    await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click()
    await page.getByRole('button', { name: 'Download' }).click()
    await page.getByRole('button', { name: 'Close' }).click()
    await sees(row(page, 'my own'))
  })

  it('is told what is missing without any role for keys', async ({ visit, tenant }) => {
    await tenant.user('probe', ['KEY_VALIDATE'])
    const page = await enter(visit, { ...tenant, password: PASSWORD }, { username: 'probe' })
    await sees(page.getByText('Your roles don’t let you see or make API keys.'))
    const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link')
    expect(await links.allTextContents()).toEqual(['My API Keys'])
  })
})
