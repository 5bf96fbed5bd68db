/** `api_key.*` that read (docs/protocol/keys.md §4.1): lists, single keys, one's own, and SCRAM's keys of one. */
import * as z from 'zod'
import { deriveScram } from '../crypto/scram.ts'
import { invalid, missing } from '../domain/fault.ts'
import { idOf, parseKey } from '../domain/key.ts'
import { refIn } from '../domain/permissions.ts'
import { type Bound, tooWide } from '../domain/query/bound.ts'
import { QueryFilters } from '../domain/query/filters.ts'
import { matches } from '../domain/query/match.ts'
import { QueryOptions } from '../domain/query/options.ts'
import { queryInTurns, showOne } from '../domain/query/query.ts'
import { instanceOf, resultOf } from '../domain/query/result.ts'
import { newWork } from '../domain/query/work.ts'
import { Moment, SecretText, Whole } from '../domain/schema.ts'
import { checkKey, openSecret } from '../keys/check.ts'
import { apiKeyEntry, scramText } from '../keys/entry.ts'
import { ApiKeyEntry } from '../keys/entry-schema.ts'
import { findRows } from '../keys/queries.ts'
import { method, type SessionCall } from '../rpc/method.ts'

export const query = method({
  name: 'api_key.query',
  summary: "Lists the keys of all the tenant's users. Secrets are masked.",
  stops: true,
  access: ['API_KEY_READ'],
  params: { filters: QueryFilters, options: QueryOptions },
  result: resultOf(ApiKeyEntry),
  row: ApiKeyEntry,
  filterable: true,
  run: async ({ filters, options }, call) => {
    const { service, session, connection } = call
    const { tenant } = session
    if (options.count && filters.length === 0) {
      const count = await service.keys.count(tenant)
      if (count !== null) return count
    }
    const work = newWork()
    const rows = await findRows(
      service,
      { tenant, filters, options },
      (key) => apiKeyEntry(key, connection.version),
      matches(filters, work),
      work,
    )
    return queryInTurns(rows, filters, options, work)
  },
})

export const getInstance = method({
  name: 'api_key.get_instance',
  summary: 'Shows one key. Secrets are masked.',
  access: ['API_KEY_READ'],
  params: { id: Whole, options: QueryOptions },
  result: instanceOf(ApiKeyEntry),
  row: ApiKeyEntry,
  run: async ({ id, options }, call) => {
    const ref = refIn(call.session, id)
    const [key] = ref === null ? [] : await call.service.keys.byNumbers(ref.tenant, [ref.n])
    if (key === undefined) throw missing('ApiKey', id)
    return showOne(apiKeyEntry(key, call.connection.version), options)
  },
})

/** More than an answer can carry, whatever their names. */
const OWN: Bound = {
  most: 1000,
  rows: 'keys',
  advice: 'Ask `api_key.query` with the filter `username`, in the order of `id` with a `limit`.',
}

export const myKeys = method({
  name: 'api_key.my_keys',
  summary: "Lists the caller's own keys.",
  access: ['READONLY_ADMIN', 'API_KEY_READ'],
  params: {},
  result: z.array(ApiKeyEntry),
  run: async (_, { service, session, connection }) => {
    const { tenant, uid } = session
    const numbers = await service.keys.ownedFrom(tenant, uid, 1, OWN.most + 1)
    if (numbers.length > OWN.most) throw tooWide(OWN)
    const keys = await service.keys.byNumbers(tenant, numbers)
    return keys.map((key) => apiKeyEntry(key, connection.version))
  },
})

export const lastUsed = method({
  name: 'api_key.last_used',
  summary: 'When keys last logged in on a socket, to the hour. Keys that never did are left out.',
  access: ['API_KEY_READ'],
  extension: { since: '0.1.0' },
  params: { ids: z.array(Whole).max(100) },
  result: z.array(z.strictObject({ id: Whole, last_used_at: Moment })),
  run: async ({ ids }, call) => {
    const { tenant } = call.session
    const used = await call.service.keys.lastUsed(tenant, numbersOf(call, ids))
    return [...used].map(([n, at]) => ({ id: idOf({ tenant, n }), last_used_at: new Date(at) }))
  },
})

export const convertRawKey = method({
  name: 'api_key.convert_raw_key',
  summary: "Turns a raw key of this tenant into SCRAM's keys, for clients that keep those instead.",
  access: ['API_KEY_READ'],
  since: 'v26.0.0',
  params: { raw_key: SecretText },
  result: z.strictObject({
    api_key_id: Whole,
    iterations: Whole,
    salt: z.string(),
    client_key: z.string(),
    stored_key: z.string(),
    server_key: z.string(),
  }),
  run: async ({ raw_key }, { service, session }) => {
    const at = 'api_key_convert_raw_key'
    const raw = raw_key.reveal().trim()
    const presented = parseKey(raw)
    if (presented === null) throw invalid([at, 'Not a valid raw API key'])
    const verdict = await checkKey(service, raw)
    // Another tenant's key, an unknown one and a wrong secret all read the same.
    if (verdict.state === 'unknown' || verdict.key.tenant !== session.tenant)
      throw invalid([at, 'Key does not exist.'])
    if (verdict.state !== 'active') throw invalid([at, `Key is ${verdict.state}.`])
    const open = await openSecret(service.vault, verdict.key, verdict.key.secret)
    if (open === null) throw invalid([at, 'Key does not exist.'])
    const { salt, iterations } = open.verifier
    const scram = await deriveScram(presented.secret, salt, iterations)
    return { api_key_id: presented.id, ...scramText(scram) }
  },
})

// ---------------------------------------------------------------------------------------------

/** The numbers that ids stand for in the caller's tenant, in order, each once. */
const numbersOf = (call: SessionCall, ids: readonly number[]): number[] => {
  const refs = ids.map((id) => refIn(call.session, id)).filter((ref) => ref !== null)
  return [...new Set(refs.map(({ n }) => n))].sort((a, b) => a - b)
}
