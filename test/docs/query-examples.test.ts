/** The examples of filters and options, carried out. `npm run examples` writes their answers anew. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Secret } from '../../shared/crypto/secret.ts'
import {
  FAILURES,
  OPERATOR_EXAMPLES,
  OPTION_EXAMPLES,
  QUERY_EXAMPLES,
  SAMPLE_KEYS,
  SAMPLE_USERS,
} from '../../shared/docs/query-examples.ts'
import { OPERATORS } from '../../shared/rpc/query/operators.ts'
import { QueryOptions } from '../../shared/rpc/query/options.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { createTenant } from '../../shared/tenant.ts'
import { type Peer, startSockets } from '../kit/peer.ts'
import { type Rig, startRig } from '../kit/service.ts'

const FILE = join(import.meta.dirname, '../../shared/docs/query-answers.json')

let rig: Rig
let peer: Peer
beforeAll(async () => {
  rig = await startRig()
  const password = 'correct horse'
  const admin = { username: 'admin', fullName: 'Administrator', password: new Secret(password) }
  await createTenant(rig.service, { slug: 'acme', name: 'Acme', admin }, SERVICE)
  peer = await startSockets(rig.service).open()
  expect(await peer.call('auth.login', 'admin@acme', password)).toBe(true)
  for (const user of SAMPLE_USERS) await peer.call('user.create', user)
  for (const { revoked, expires_at, ...key } of SAMPLE_KEYS) {
    const expires = expires_at === null ? null : new Date(expires_at)
    const made = await peer.call<{ id: number }>('api_key.create', { ...key, expires_at: expires })
    if (revoked !== null) await peer.call('api_key.revoke', made.id, { reason: revoked })
  }
})
afterAll(() => rig.close())

it('are answered as they are shown', async () => {
  const answers: unknown[] = []
  for (const { method, filters, options = {} } of QUERY_EXAMPLES) {
    const frame = { jsonrpc: '2.0', id: 1, method, params: [filters, options] }
    const { result, error } = JSON.parse((await peer.raw(JSON.stringify(frame))) ?? '')
    answers.push(error === undefined ? { result } : { error })
  }
  await expect(`${JSON.stringify(answers, null, 2)}\n`).toMatchFileSnapshot(FILE)
  const failures = answers.slice(-FAILURES.length)
  expect(failures.every((answer) => 'error' in (answer as object))).toBe(true)
  expect(answers.slice(0, -FAILURES.length).every((answer) => 'result' in (answer as object))).toBe(
    true,
  )
})

it('leave no operator out', () => {
  const shown = new Set(OPERATOR_EXAMPLES.map(({ of }) => of))
  expect([...OPERATORS.keys(), '~', 'C'].filter((operator) => !shown.has(operator))).toEqual([])
})

it('leave no option out', () => {
  const shown = new Set(OPTION_EXAMPLES.map(({ of }) => of))
  const options = Object.keys(QueryOptions.parse({}))
  expect(options.filter((option) => !shown.has(option))).toEqual([])
})
