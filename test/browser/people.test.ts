/** Users, sessions, the own account, and what somebody without rights sees. */
import { describe, expect } from 'vitest'
import { act, appIn, enter, it, row, sees, seesNo, signIn } from './kit.ts'
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
    const theirs = await enter(visit, { ...tenant, password: PASSWORD }, { username: 'ada' })
    const page = await enter(visit, tenant, { at: '#/users' })
    await act(page, 'ada', 'Lock')
    await page.getByRole('button', { name: 'Lock', exact: true }).click()
    await sees(row(page, 'ada').getByText('Yes'))
    await sees(theirs.getByText('Your session has ended.'))
    await signIn(theirs, { ...tenant, password: PASSWORD }, 'ada')
    await sees(theirs.getByRole('alert'))
  })

  it('get a second factor by a code of it; the secret and recovery codes are shown once', async ({
    visit,
    tenant,
  }) => {
    await tenant.user('ada')
    const page = await enter(visit, tenant, { at: '#/users' })
    await act(page, 'ada', 'Set up second factor')
    await page.getByRole('button', { name: 'Make a new secret' }).click()
    await sees(page.getByRole('img', { name: 'QR code of the second factor of ada' }))
    const secret = (await page.getByLabel('Secret').inputValue()).replaceAll(' ', '')
    const app = await appIn(page)
    // That of the step before: the code of now is yet to sign in by.
    await page.getByLabel('Code of the new app').fill(app(Date.now() - 30_000))
    await page.getByRole('button', { name: 'Confirm' }).click()
    const codes = (await page.getByRole('textbox', { name: 'Recovery codes' }).inputValue()).split(
      '\n',
    )
    expect(codes).toHaveLength(10)
    await page.getByRole('button', { name: 'Done' }).click()
    const theirs = await visit()
    await signIn(theirs, { ...tenant, password: PASSWORD }, 'ada')
    await theirs.getByLabel('Code').fill(app(Date.now()))
    await theirs.getByRole('button', { name: 'Continue' }).click()
    await sees(theirs.getByRole('heading', { name: 'User API Keys' }))
    for (const shown of [secret, ...codes]) expect(await page.content()).not.toContain(shown)
  })
})

describe('sessions', () => {
  it('are seen, and ended: the other browser is signed out', async ({ visit, tenant }) => {
    await tenant.user('ada')
    const theirs = await enter(visit, { ...tenant, password: PASSWORD }, { username: 'ada' })
    const page = await enter(visit, tenant, { at: '#/sessions' })
    await sees(page.getByText('this session'))
    await page.getByRole('button', { name: 'End the session of ada' }).click()
    await sees(theirs.getByText('Your session has ended.'))
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

  it('gets, replaces and loses its second factor by password and code, and stays signed in', async ({
    visit,
    tenant,
  }) => {
    await tenant.user('ada')
    const who = { ...tenant, password: PASSWORD }
    const other = await enter(visit, who, { username: 'ada' })
    const page = await enter(visit, who, { username: 'ada', at: '#/account' })
    const setUp = async (present: string | null): Promise<string[]> => {
      const button = present === null ? 'Set up second factor' : 'Replace second factor'
      await page.getByRole('button', { name: button }).click()
      await page.getByRole('button', { name: 'Make a new secret' }).click()
      const app = await appIn(page)
      await page.getByLabel('Your password').fill('wrong password')
      await page.getByLabel('Code of the new app').fill(app(Date.now()))
      if (present !== null) await page.getByLabel('Present second factor').fill(present)
      await page.getByRole('button', { name: 'Confirm' }).click()
      await sees(page.getByText('Incorrect password'))
      await page.getByLabel('Your password').fill(PASSWORD)
      await page.getByLabel('Code of the new app').fill(app(Date.now()))
      await page.getByRole('button', { name: 'Confirm' }).click()
      const codes = await page.getByRole('textbox', { name: 'Recovery codes' }).inputValue()
      await page.getByRole('button', { name: 'Done' }).click()
      return codes.split('\n')
    }
    const [first = ''] = await setUp(null)
    await sees(other.getByText('Your session has ended.'))
    const [next = ''] = await setUp(first)
    // Its token is a new one: it outlives a reload.
    await page.reload()
    await sees(page.getByRole('button', { name: 'Replace second factor' }))
    await page.getByRole('link', { name: 'Users', exact: true }).click()
    await act(page, 'ada', 'Remove second factor')
    await page.getByLabel('Your password').fill(PASSWORD)
    await page.getByLabel('Present second factor').fill(next)
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await seesNo(page.getByRole('dialog'))
    await page.reload()
    await sees(row(page, 'ada'))
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
