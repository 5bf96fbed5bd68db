/**
 * What all routes that check keys have in common: the caller is authenticated, in the same read as the keys it
 * asks about; its limits are counted; keys that were sent in clear are revoked; and it sees the good keys of
 * its own tenant, and nothing of any other.
 */

import type { Context } from 'hono'
import * as z from 'zod/mini'
import { holds } from '../domain/roles.ts'
import { turn } from '../domain/turns.ts'
import { checkPresented, type Presented, UNKNOWN, type Verdict } from '../keys/check.ts'
import { revokeIfExposed } from '../keys/revoke.ts'
import { noteSeen } from '../keys/seen.ts'
import type { Form } from './body.ts'
import { type Checks, type Http, inTime, issuerOf } from './context.ts'
import { type Proof, readProof, readToken } from './credential.ts'
import { countChecks } from './rate-limit.ts'
import {
  badRequest,
  forbidden,
  proofMissing,
  proofRefused,
  proofWrong,
  whyBad,
} from './refusals.ts'

export type CheckRequest = {
  /** The header by which the caller proves itself. */
  readonly proof: string | undefined
  /** A form that may have client_id and client_secret instead. */
  readonly form?: Form
  readonly tokens: readonly string[]
  /** On what the caller received them, if it says so. */
  readonly transport: Transport | null
}

/** On what a caller received a key. Unencrypted ones revoke it (docs/design.md §4). */
export const Transport = z.enum(['https', 'wss', 'http', 'ws'], 'takes https, wss, http or ws')
export type Transport = z.infer<typeof Transport>

export type CheckAnswers = {
  readonly caller: Caller
  /** In the order of the tokens: a good key of the caller's tenant, or nothing. */
  readonly good: readonly (ActiveKey | null)[]
}
export type Caller = {
  readonly tenant: number
  readonly id: number
  readonly roles: readonly string[]
}
export type ActiveKey = Exclude<Verdict, { state: 'unknown' }>

/** @returns the good keys, or the answer to a caller that may not ask. */
export const authenticateAndCheck = async (
  service: Checks,
  c: Context<Http>,
  request: CheckRequest,
): Promise<CheckAnswers | Response> => {
  const inClear = request.transport === 'http' || request.transport === 'ws'
  const answers = await inTime(
    service,
    c,
    (hurried) => ask(hurried, c, request),
    inClear || !c.env.secure,
  )
  if (answers instanceof Response) return answers
  if ('proof' in answers) return overPlainHttp(service, c, answers)
  const { caller, verdicts } = answers
  const good = await Promise.all(
    verdicts.map(async (verdict) => {
      if (verdict.state === 'unknown' || verdict.key.tenant !== caller.tenant) return null
      if (inClear && (await revokeSentInClear(service, c, verdict))) return null
      return verdict.state === 'active' ? verdict : null
    }),
  )
  return { caller, good }
}

// ---------------------------------------------------------------------------------------------

type GivenProof = Exclude<Proof, { by: 'none' | 'both' }>
type Checked = { readonly caller: Caller; readonly verdicts: readonly Verdict[] }

/** What came over plain http: who asked, and the keys that anyone who listened has seen. */
type Overheard = {
  readonly proof: GivenProof
  readonly by: Verdict
  readonly verdicts: readonly Verdict[]
}

const ask = async (
  service: Checks,
  c: Context<Http>,
  { proof: header, form, tokens }: CheckRequest,
): Promise<Checked | Overheard | Response> => {
  const proof = await readProof(service, issuerOf(c, service.env), header, form)
  if (proof.by === 'none') return proofMissing(c)
  if (proof.by === 'both') return badRequest(c, proof.why)
  const { presented } = proof
  if (!c.env.secure && !service.env.KEYHARBOR_ALLOW_INSECURE) {
    const { by, asked } = await checkCaller(service, c, presented, tokens)
    return { proof, by, verdicts: tokens.length > 1 && by.state === 'unknown' ? [] : await asked() }
  }
  // Garbage costs no read.
  if (presented === null) return proofWrong(c, proof)
  return 'generation' in presented
    ? askByToken(service, c, presented, tokens)
    : askByKey(service, c, { ...proof, presented }, tokens)
}

/** An access token authenticates its caller, and counts against the caller's limits, without a read. */
const askByToken = async (
  service: Checks,
  c: Context<Http>,
  caller: Caller,
  tokens: readonly string[],
): Promise<Checked | Response> => {
  const refused = await admit(service, c, caller, tokens.length)
  if (refused !== null) return refused
  return { caller, verdicts: await checkPresented(service, await parseTokens(service, c, tokens)) }
}

/**
 * A key authenticates its caller in the same read as a single token. Many tokens are read after that, so that an
 * unauthenticated caller makes the service read no more than two keys.
 */
const askByKey = async (
  service: Checks,
  c: Context<Http>,
  proof: GivenProof,
  tokens: readonly string[],
): Promise<Checked | Response> => {
  const { by, asked } = await checkCaller(service, c, proof.presented, tokens)
  if (by.state === 'unknown') return proofWrong(c, proof)
  if (by.state !== 'active') return proofRefused(c, proof, whyBad(by.state))
  await noteSeen(service, by.key, c.env.request)
  const refused = await admit(service, c, by.key, tokens.length)
  return refused ?? { caller: by.key, verdicts: await asked() }
}

/** The verdict on a caller, and `asked`, which gives those on its tokens. A single token is read with the caller. */
const checkCaller = async (
  service: Checks,
  c: Context<Http>,
  proof: Presented | null,
  tokens: readonly string[],
): Promise<{ by: Verdict; asked: () => Promise<readonly Verdict[]> }> => {
  const together = tokens.length === 1 ? await parseTokens(service, c, tokens) : []
  const [by = UNKNOWN, ...verdicts] = await checkPresented(service, [proof, ...together])
  const asked = async () =>
    tokens.length === 1 ? verdicts : checkPresented(service, await parseTokens(service, c, tokens))
  return { by, asked }
}

const parseTokens = async (
  service: Checks,
  c: Context<Http>,
  tokens: readonly string[],
): Promise<(Presented | null)[]> => {
  const issuer = issuerOf(c, service.env)
  // Callers that were authenticated by the same read go on in turns, with up to a hundred tokens each.
  // Stryker disable next-line ConditionalExpression,EqualityOperator: whose turn it is changes no answer.
  if (tokens.length > 1) await turn()
  return Promise.all(
    tokens.map(async (token) => (await readToken(service, issuer, token)).presented),
  )
}

/** @returns the answer to a caller that may not ask, or not now. */
const admit = async (
  service: Checks,
  c: Context<Http>,
  caller: Caller,
  checks: number,
): Promise<Response | null> =>
  holds(caller.roles, 'KEY_VALIDATE')
    ? countChecks(service, c, caller, checks)
    : forbidden(c, "The key's user lacks the role KEY_VALIDATE.")

/** Nothing is answered over plain http: anyone who listens has seen all that came that way. */
const overPlainHttp = async (
  service: Checks,
  c: Context<Http>,
  { proof, by, verdicts }: Overheard,
): Promise<Response> => {
  for (const verdict of verdicts) await revokeSentInClear(service, c, verdict)
  if (by.state === 'unknown') return proofWrong(c, proof)
  if (by.token !== null)
    return proofRefused(c, proof, 'The access token came over http. Use https.')
  if (await revokeSentInClear(service, c, by)) return proofRefused(c, proof, EXPOSED)
  return proofRefused(c, proof, whyBad(by.state))
}

const EXPOSED =
  'The request came over an unencrypted connection: the key in it, and the key it asked about if that was good, have been revoked. Reset them, and use https.'

/** Revokes a good key that was sent in clear. An access token that was is refused, but its key wasn't seen. */
const revokeSentInClear = async (
  service: Checks,
  c: Context<Http>,
  verdict: Verdict,
): Promise<boolean> =>
  // Stryker disable next-line ConditionalExpression: nobody looks at what this says of an unknown one.
  verdict.state !== 'unknown' && verdict.token !== null
    ? true
    : revokeIfExposed(service, verdict, { secure: false, address: c.env.address })
