/** Signing in, staying signed in, signing out. */
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { type Factor, setUpFactor } from '../kit/second-factor.ts'
import { enter, it, sees, signIn } from './kit.ts'
import { PASSWORD, type Tenant } from './tenant.ts'

const keysHeading = (page: Page) => page.getByRole('heading', { name: 'User API Keys' })
const signInHeading = (page: Page) => page.getByRole('heading', { name: 'Sign in' })
const storedToken = (page: Page) => page.evaluate<string>('sessionStorage["keyharbor.token"]')

const signOut = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Signed in as admin' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await sees(signInHeading(page))
}

/** A second factor that an administrator set up by the code of the step before this one: that of now is good. */
const secondFactorOf = (
  { rpc }: Tenant,
  username: string,
  now = () => Date.now() - 30_000,
): Promise<Factor> => setUpFactor(rpc, username, now)

/** Six digits that are no code of now, before or after. */
const wrongCode = ({ codeAt }: Factor): string => {
  const near = [-60, -30, 0, 30, 60].map((s) => codeAt(Date.now() + s * 1000))
  return ['000000', '111111', '222222', '333333'].find((code) => !near.includes(code)) ?? ''
}

it('a wrong password is told, without saying what was wrong, and the right one leads in', async ({
  visit,
  tenant,
}) => {
  const page = await visit()
  await signIn(page, { ...tenant, password: 'wrong' })
  await sees(page.getByRole('alert').getByText('Tenant, user name or password is not right'))
  await signIn(page, tenant)
  await sees(keysHeading(page))
})

it('a user who was never there reads the same', async ({ visit, tenant }) => {
  const page = await visit()
  await signIn(page, tenant, 'nobody')
  await sees(page.getByRole('alert').getByText('Tenant, user name or password is not right'))
})

it('a second factor is asked for, a wrong code can be mended, and the right one leads in', async ({
  visit,
  tenant,
}) => {
  await tenant.user('anna')
  const factor = await secondFactorOf(tenant, 'anna')
  const page = await visit()
  await signIn(page, { ...tenant, password: PASSWORD }, 'anna')
  await sees(page.getByRole('heading', { name: 'Second factor' }))
  await page.getByLabel('Code').fill(wrongCode(factor))
  await page.getByRole('button', { name: 'Continue' }).click()
  await sees(page.getByText('That code was not right'))
  // As apps show it.
  await page.getByLabel('Code').fill(factor.codeAt(Date.now()).replace(/^.../, '$& '))
  await page.keyboard.press('Enter')
  await sees(page.getByRole('button', { name: 'Signed in as anna' }))
})

it('who has lost the app signs in by a recovery code', async ({ visit, tenant }) => {
  await tenant.user('anna')
  const { recovery } = await secondFactorOf(tenant, 'anna')
  const page = await visit()
  await signIn(page, { ...tenant, password: PASSWORD }, 'anna')
  await page.getByRole('button', { name: 'Use a recovery code' }).click()
  await page.getByLabel('Recovery code').fill(recovery[0] ?? '')
  await page.getByRole('button', { name: 'Continue' }).click()
  await sees(page.getByRole('button', { name: 'Signed in as anna' }))
})

it('who has no code can go back', async ({ visit, tenant }) => {
  await tenant.user('anna')
  await secondFactorOf(tenant, 'anna')
  const page = await visit()
  await signIn(page, { ...tenant, password: PASSWORD }, 'anna')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await sees(signInHeading(page))
  expect(await page.getByLabel('User name').inputValue()).toBe('anna')
})

describe('a session', () => {
  it('survives reloads, each by another token', async ({ visit, tenant }) => {
    const page = await enter(visit, tenant)
    const tokens = new Set([await storedToken(page)])
    for (let reloads = 0; reloads < 2; reloads++) {
      await page.reload()
      await sees(keysHeading(page))
      tokens.add(await storedToken(page))
    }
    expect(tokens.size).toBe(3)
  })

  it('is of its tab alone', async ({ visit, tenant }) => {
    const page = await enter(visit, tenant)
    const other = await visit({ beside: page })
    await sees(signInHeading(other))
  })

  it('ends with the sign-out: nothing is stored, and its token is worth nothing', async ({
    visit,
    tenant,
  }) => {
    const page = await enter(visit, tenant)
    const token = await storedToken(page)
    await signOut(page)
    expect(await page.evaluate('sessionStorage.length + localStorage.length')).toBe(0)
    expect(await page.evaluate('document.cookie')).toBe('')
    expect(await tenant.login({ mechanism: 'TOKEN_PLAIN', token })).toBe('AUTH_ERR')
    await page.reload()
    await sees(signInHeading(page))
  })

  it('can be begun anew after a sign-out, without a reload', async ({ visit, tenant }) => {
    const page = await enter(visit, tenant)
    await signOut(page)
    expect(await page.getByLabel('Password').inputValue()).toBe('')
    await signIn(page, tenant)
    await sees(keysHeading(page))
  })
})
