/** The examples of the page on query methods, executed in each version. `npm run examples` writes the
 * answers anew. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encode } from '../../shared/domain/ejson.ts'
import { OPERATORS } from '../../shared/domain/query/operators.ts'
import { QueryOptions } from '../../shared/domain/query/options.ts'
import { jsonSchema } from '../../shared/domain/schema.ts'
import { Secret } from '../../shared/domain/secret.ts'
import { VERSIONS } from '../../shared/domain/versions.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { createTenant } from '../../shared/tenants/commands.ts'
import {
  FOLDED_EXAMPLES,
  idOf,
  OPERATOR_EXAMPLES,
  OPTION_EXAMPLES,
  QUERY_EXAMPLES,
  REFUSED_EXAMPLES,
  SAMPLE_KEYS,
  SAMPLE_USERS,
} from '../../tools/docs/texts/queries.ts'
import { startSockets } from '../kit/peer.ts'
import { type Rig, startRig } from '../kit/service.ts'
import { masked } from './mask.ts'

const FILE = join(import.meta.dirname, 'recorded/query-results.json')
const PASSWORD = 'correct horse'

let rig: Rig
/** The whole answers of a version, without what is new each time. */
const answers = new Map<string, Record<string, unknown>>()
beforeAll(async () => {
  rig = await startRig()
  const { service, open } = startSockets(rig.service)
  const admin = { username: 'admin', fullName: 'Administrator', password: new Secret(PASSWORD) }
  await createTenant(service, { slug: 'acme', name: 'Acme', admin }, SERVICE)
  const peer = await open()
  await peer.call('auth.login', 'admin@acme', PASSWORD)
  for (const user of SAMPLE_USERS) await peer.call('user.create', user)
  for (const { name, username, expires, ...rest } of SAMPLE_KEYS) {
    const expires_at = expires === null ? null : { $date: expires }
    const made = await peer.call<{ id: number }>('api_key.create', { name, username, expires_at })
    if ('revoked' in rest) await peer.call('api_key.revoke', made.id, { reason: rest.revoked })
  }
  await peer.call('auth.logout')
  for (const version of VERSIONS) {
    const asker = await open({ version })
    await asker.call('auth.login', 'admin@acme', PASSWORD)
    const of: Record<string, unknown> = {}
    for (const example of QUERY_EXAMPLES) {
      const { method, filters, options = {} } = example
      const { result, error } = await asker.exchange(method, filters, options)
      of[idOf(example)] = masked(JSON.parse(encode(error === undefined ? { result } : { error })))
    }
    await asker.call('auth.logout')
    answers.set(version, of)
  }
})
afterAll(() => rig.close())

it('are answered as it is shown', async () => {
  const [first] = answers.values()
  await expect(
    `${JSON.stringify(first, null, 2)}\n`,
    'npm run examples writes it anew',
  ).toMatchFileSnapshot(FILE)
})

it.each(VERSIONS)('are answered alike in %s', (version) => {
  expect(answers.get(version)).toEqual(answers.get(VERSIONS[0]))
})

it('are refused where it says so, and nowhere else', () => {
  const refused = QUERY_EXAMPLES.filter(
    (example) => 'error' in Object(answers.get(VERSIONS[0])?.[idOf(example)]),
  )
  expect(refused).toEqual(REFUSED_EXAMPLES)
})

describe('there is one', () => {
  it('of each operator', () => {
    expect(OPERATOR_EXAMPLES.map(({ shows }) => shows).sort()).toEqual(
      [...OPERATORS.keys(), '~'].sort(),
    )
  })
  it('of the C form of each', () => {
    expect(FOLDED_EXAMPLES.map(({ shows }) => shows).sort()).toEqual(
      [...OPERATORS.keys()].map((name) => `C${name}`).sort(),
    )
  })
  it('of each option', () => {
    const { properties } = jsonSchema(QueryOptions, 'input')
    expect([...new Set(OPTION_EXAMPLES.map(({ shows }) => shows))].sort()).toEqual(
      Object.keys(properties as object).sort(),
    )
  })
  it('that uses what it is said to show', () => {
    for (const { shows, filters } of [...OPERATOR_EXAMPLES, ...FOLDED_EXAMPLES])
      expect((filters[0] as unknown[])[1]).toBe(shows)
    for (const { shows, options } of OPTION_EXAMPLES) expect(options).toHaveProperty(shows)
  })
})
