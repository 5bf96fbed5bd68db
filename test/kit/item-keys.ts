/** One item of each kind, where it lies: tests that walk them forget no new kind. */
import { itemKey } from '../../shared/store/item-keys.ts'
import type { ItemKey } from '../../shared/store/write.ts'

export type Kind = keyof typeof itemKey

export const itemKeyOf: Readonly<Record<Kind, (tenant: number) => ItemKey>> = {
  service: () => itemKey.service,
  installation: () => itemKey.installation,
  signingKey: () => itemKey.signingKey(12),
  directory: itemKey.directory,
  slug: () => itemKey.slug('acme'),
  connection: () => itemKey.connection('dGVzdA='),
  tenant: itemKey.tenant,
  user: (tenant) => itemKey.user(tenant, 'bob#KEY#1'),
  key: (tenant) => itemKey.key({ tenant, n: 12 }),
  check: (tenant) => itemKey.check({ tenant, n: 12 }),
  salt: (tenant) => itemKey.salt({ tenant, n: 12 }),
  gate: (tenant) => itemKey.gate(tenant, 15),
  keyName: (tenant) => itemKey.keyName(tenant, 'my #K#1'),
  owned: (tenant) => itemKey.owned({ tenant, n: 12 }, 3),
  propagation: (tenant) => itemKey.propagation(tenant, 12),
  used: (tenant) => itemKey.used({ tenant, n: 12 }),
  device: (tenant) => itemKey.device({ tenant, n: 12 }),
  seen: (tenant) => itemKey.seen({ tenant, n: 12 }),
  invitation: (tenant) => itemKey.invitation(tenant, '7.token'),
  invited: (tenant) => itemKey.invited(tenant, 497_000),
  audit: (tenant) => itemKey.audit(tenant, 0, '01ARZ3NDEKTSV4RRFFQ69G5FAV'),
  budget: (tenant) => itemKey.budget(tenant, 'checks', 29_000_000),
  count: (tenant) => itemKey.count(tenant, 12),
  once: (tenant) => itemKey.once(tenant, 'digest'),
  tries: (tenant) => itemKey.tries(tenant, 12, 'OTHERS'),
  session: (tenant) => itemKey.session(tenant, { principal: 'U000000001', holder: 'P' }, 'dGVzdA='),
  sessionBefore: (tenant) => itemKey.sessionBefore(tenant, 'K000000012', 'dGVzdA='),
  subscription: (tenant) => itemKey.subscription(tenant, 'api_key.query', 'dGVzdA=', 'id'),
  token: (tenant) => itemKey.token({ tenant, session: 'a-b', slot: 15 }),
}
