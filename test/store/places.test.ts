/** Where items lie: all of a tenant's begin with its number, so that IAM can fence it, and no other tenant's do. */
import { describe, expect, it } from 'vitest'
import { place } from '../../shared/store/places.ts'
import type { Key } from '../../shared/store/write.ts'

/** Places by the tenant whose they are; null: the service's, or a socket's before it is anybody's. */
const OF: Readonly<Record<keyof typeof place, ((tenant: number) => Key) | null>> = {
  service: null,
  signingKey: null,
  directory: null,
  slug: null,
  connection: null,
  tenant: place.tenant,
  user: (tenant) => place.user(tenant, 'ada'),
  key: (tenant) => place.key({ tenant, n: 1 }),
  check: (tenant) => place.check({ tenant, n: 1 }),
  gate: (tenant) => place.gate(tenant, 15),
  propagation: (tenant) => place.propagation(tenant, 1),
  keyName: (tenant) => place.keyName(tenant, 'backup'),
  owned: (tenant) => place.owned({ tenant, n: 1 }, 1),
  used: (tenant) => place.used({ tenant, n: 1 }),
  device: (tenant) => place.device({ tenant, n: 1 }),
  salt: (tenant) => place.salt({ tenant, n: 7 }),
  seen: (tenant) => place.seen({ tenant, n: 1 }),
  invitation: (tenant) => place.invitation(tenant, '1.token'),
  invited: (tenant) => place.invited(tenant, 1),
  audit: (tenant) => place.audit(tenant, 0, '01ARZ3NDEKTSV4RRFFQ69G5FAV'),
  budget: (tenant) => place.budget(tenant, 1),
  count: (tenant) => place.count(tenant, 1),
  once: (tenant) => place.once(tenant, 'digest'),
  tries: (tenant) => place.tries(tenant, 1, 'OTHERS'),
  session: (tenant) =>
    place.session(tenant, { principal: 'U000000001', holder: 'K000000001' }, 'c1'),
  sessionBefore: (tenant) => place.sessionBefore(tenant, 'K000000001', 'c1'),
  subscription: (tenant) => place.subscription(tenant, 'api_key.query', 'c1', 's1'),
  token: (tenant) => place.token({ tenant, session: 's1', slot: 0 }),
}

describe('what is a tenant’s', () => {
  it('has a row', () => {
    expect(Object.keys(OF).sort(), 'say in this test whose a new place is').toEqual(
      Object.keys(place).sort(),
    )
  })

  it.each(Object.entries(OF).flatMap(([name, of]) => (of === null ? [] : [[name, of] as const])))(
    '%s lies in the partitions of its tenant',
    (_, of) => {
      for (const tenant of [1, 7, 70, 9_007_198])
        expect(of(tenant).pk).toMatch(new RegExp(`^T#${tenant}(#|$)`))
    },
  )
})
