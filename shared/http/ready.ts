/**
 * `GET /readyz`: whether the service can do what a check needs: read the table, and have KMS open a data key. Anybody may ask, so
 * nothing of a tenant is touched or told, and however many ask, a process looks once in ten seconds. It is served by the
 * function for checks, which has both rights anyway.
 */
import type { Context } from 'hono'
import { within } from '../domain/retry.ts'
import type { Checks, Http } from './context.ts'
import type { Readiness } from './openapi/answers.ts'

/** How long an answer is good. */
const LOOK_EVERY_MS = 10_000

export const ready = (service: Checks) => {
  let known: { readonly until: number; readonly state: Promise<Readiness> } | undefined
  return async (c: Context<Http>): Promise<Response> => {
    const now = service.now()
    // A clock that was set back must not keep an answer.
    if (known === undefined || now >= known.until || known.until > now + LOOK_EVERY_MS)
      known = { until: now + LOOK_EVERY_MS, state: look(service, c.env.request) }
    const state = await known.state
    if (state.status === 'ok') return c.json(state)
    c.header('Retry-After', String(LOOK_EVERY_MS / 1000))
    return c.json(state, 503)
  }
}

// ---------------------------------------------------------------------------------------------

const look = async (service: Checks, request: string | undefined): Promise<Readiness> => {
  const { tenants, vault, log, env } = service
  const isGood = async (part: string, work: Promise<unknown>): Promise<boolean> => {
    const most = env.KEYHARBOR_CHECK_TIMEOUT_MS
    const late = () => new Error(`AWS didn't answer within the ${most} ms of a check`)
    try {
      await within(most, work, late)
      return true
    } catch (error) {
      log.error('the service is not ready', error, { part, request })
      return false
    }
  }
  let blob: Uint8Array | null = null
  const read = async (): Promise<void> => {
    blob = await tenants.wrappedKey('service', 1)
  }
  if (!(await isGood('table', read()))) return { status: 'unavailable', table: 'unavailable' }
  // Before there is a first tenant there is nothing to open.
  if (blob === null || (await isGood('kms', vault.prove('service', blob))))
    return { status: 'ok', table: 'ok', kms: 'ok' }
  return { status: 'unavailable', table: 'ok', kms: 'unavailable' }
}
