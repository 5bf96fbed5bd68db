/** One item of each kind, where it lies: tests that walk them forget no new kind. */
import { place } from '../../shared/store/places.ts'
import type { Key } from '../../shared/store/write.ts'

export type Kind = keyof typeof place

export const placeOf: Readonly<Record<Kind, (tenant: number) => Key>> = {
  service: () => place.service,
  signingKey: () => place.signingKey(12),
  directory: place.directory,
  slug: () => place.slug('acme'),
  connection: () => place.connection('dGVzdA='),
  tenant: place.tenant,
  user: (tenant) => place.user(tenant, 'bob#KEY#1'),
  key: (tenant) => place.key({ tenant, n: 12 }),
  check: (tenant) => place.check({ tenant, n: 12 }),
  salt: (tenant) => place.salt({ tenant, n: 12 }),
  gate: (tenant) => place.gate(tenant, 15),
  keyName: (tenant) => place.keyName(tenant, 'my #K#1'),
  owned: (tenant) => place.owned({ tenant, n: 12 }, 3),
  propagation: (tenant) => place.propagation(tenant, 12),
  used: (tenant) => place.used({ tenant, n: 12 }),
  device: (tenant) => place.device({ tenant, n: 12 }),
  seen: (tenant) => place.seen({ tenant, n: 12 }),
  invitation: (tenant) => place.invitation(tenant, '7.token'),
  invited: (tenant) => place.invited(tenant, 497_000),
  audit: (tenant) => place.audit(tenant, 0, '01ARZ3NDEKTSV4RRFFQ69G5FAV'),
  budget: (tenant) => place.budget(tenant, 29_000_000),
  count: (tenant) => place.count(tenant, 12),
  once: (tenant) => place.once(tenant, 'digest'),
  tries: (tenant) => place.tries(tenant, 12, 'OTHERS'),
  session: (tenant) => place.session(tenant, { principal: 'U000000001', holder: 'P' }, 'dGVzdA='),
  sessionBefore: (tenant) => place.sessionBefore(tenant, 'K000000012', 'dGVzdA='),
  subscription: (tenant) => place.subscription(tenant, 'api_key.query', 'dGVzdA=', 'id'),
  token: (tenant) => place.token({ tenant, session: 'a-b', slot: 15 }),
}
