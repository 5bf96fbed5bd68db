/** Where items lie: in whose partitions, so that IAM can fence them, and which of them the stream's readers hear of. */
import { describe, expect, it } from 'vitest'
import { LAST_TENANT } from '../../shared/domain/key.ts'
import { HEARD, type Heard, heardAs, READERS } from '../../shared/store/heard.ts'
import {
  itemKey,
  PARTITIONS,
  principalOf,
  SESSION_SHARDS,
  shardOf,
} from '../../shared/store/item-keys.ts'
import {
  checkedRef,
  directoryRef,
  listedRef,
  propagationRef,
  sessionRef,
  subscriptionRef,
  userRef,
} from '../../shared/store/item-refs.ts'
import { itemKeyOf, type Kind } from '../kit/item-keys.ts'
import { like } from '../policy/iam.ts'

type Fence = keyof typeof PARTITIONS

/** By which patterns of partitions IAM lets a function at each kind, beside `tenant`; the service's own have no tenant. */
const FENCES: Readonly<Record<Kind, readonly Fence[] | { readonly noTenants: Fence }>> = {
  service: { noTenants: 'service' },
  installation: { noTenants: 'service' },
  directory: { noTenants: 'service' },
  signingKey: { noTenants: 'signing' },
  slug: { noTenants: 'slug' },
  connection: { noTenants: 'connection' },
  tenant: [],
  user: [],
  key: [],
  check: ['checked'],
  salt: ['checked'],
  seen: ['checked'],
  gate: ['gate'],
  keyName: [],
  owned: [],
  propagation: [],
  used: [],
  device: [],
  invitation: [],
  invited: [],
  audit: ['audit'],
  budget: ['budget'],
  count: [],
  once: [],
  tries: [],
  session: ['sessions'],
  sessionBefore: [],
  subscription: ['subscriptions'],
  token: [],
}

const kinds = Object.keys(itemKey) as Kind[]

describe.each(kinds)('%s', (kind) => {
  const fences = FENCES[kind]

  it('lies in the partitions that IAM fences it by', () => {
    const { pk } = itemKeyOf[kind](7)
    const patterns = (Object.keys(PARTITIONS) as Fence[]).filter((one) => like(PARTITIONS[one], pk))
    const expected = 'noTenants' in fences ? [fences.noTenants] : ['tenant', ...fences]
    expect(patterns.sort(), `give ${pk} a pattern in PARTITIONS, or say here which it has`).toEqual(
      [...expected].sort(),
    )
  })

  it.skipIf('noTenants' in fences)('lies in the partitions of its tenant', () => {
    for (const tenant of [1, 7, 70, 9_007_198])
      expect(itemKeyOf[kind](tenant).pk).toMatch(new RegExp(`^T#${tenant}(#|$)`))
  })
})

it('the operator’s calls that are made once lie in no tenant', () => {
  expect(like(PARTITIONS.once, itemKey.once(null, 'digest').pk)).toBe(true)
})

/** Who reads from its place which one an item is. */
const REF: Readonly<Record<Heard, (at: ReturnType<typeof itemKey.key>) => object | null>> = {
  listed: listedRef,
  checked: checkedRef,
  user: userRef,
}

it('the stream’s readers hear of keys and users, know whose they are, and hear of nothing else', () => {
  const heard = kinds.flatMap((kind) => heardAs(itemKeyOf[kind](7)) ?? [])
  expect(heard.sort()).toEqual(Object.keys(HEARD).sort())
  // Each by one of them.
  const readers = Object.values(READERS).flatMap(({ hears }) => hears)
  expect(readers.sort()).toEqual(heard)
  expect(REF.listed(itemKeyOf.key(7))).toEqual({ tenant: 7, n: 12 })
  expect(REF.checked(itemKeyOf.check(7))).toEqual({ tenant: 7, n: 12 })
  expect(REF.user(itemKeyOf.user(7))).toEqual({ tenant: 7, username: 'bob#KEY#1' })
  for (const kind of kinds) {
    const at = itemKeyOf[kind](7)
    const known = Object.values(REF).filter((ref) => ref(at) !== null).length
    expect([kind, known]).toEqual([kind, heardAs(at) === null ? 0 : 1])
  }
})

it.each<[(at: ReturnType<typeof itemKey.key>) => { tenant: number } | null, Kind]>([
  [listedRef, 'key'],
  [checkedRef, 'check'],
  [userRef, 'user'],
  [propagationRef, 'propagation'],
])('a key of an item is read whole: %o', (ref, kind) => {
  const at = itemKeyOf[kind](LAST_TENANT)
  expect(ref(at)).toMatchObject({ tenant: LAST_TENANT })
  expect(ref({ ...at, pk: `X${at.pk}` })).toBeNull()
  // All is a name that comes behind it.
  if (ref !== userRef) expect(ref({ ...at, sk: `${at.sk}X` })).toBeNull()
  expect(ref(itemKeyOf.tenant(7))).toBeNull()
})

it('a key of an item says which one it is', () => {
  expect(propagationRef(itemKeyOf.propagation(7))).toEqual({ tenant: 7, uid: 12 })
  expect(directoryRef(itemKeyOf.directory(7))).toBe(7)
  const connection = 'dGVzdA='
  expect(subscriptionRef(itemKeyOf.subscription(7))).toEqual({ connection, id: 'id' })
  for (const at of [itemKeyOf.session(7), itemKeyOf.sessionBefore(7)]) {
    expect(sessionRef(at)).toEqual({ connection, isCopy: false })
    expect(sessionRef({ ...at, sk: `${at.sk}#01ARZ3` })).toEqual({ connection, isCopy: true })
  }
})

it('audit entries of a day lie together', () => {
  const at = Date.UTC(2026, 10, 23, 5)
  expect(itemKey.audit(7, at, 'id')).toEqual({ pk: 'T#7#AUDIT#2026-11-23', sk: 'id' })
})

it('a device is a principal of its own, and all else is its user', () => {
  expect(principalOf({ uid: 2, n: 5, device: true })).toBe('D000000005')
  for (const key of [{ uid: 2 }, { uid: 2, n: 5 }, { uid: 2, device: true }])
    expect(principalOf(key)).toBe('U000000002')
})

it('sessions of many principals lie in all partitions for them', () => {
  const shards = Array.from({ length: 2000 }, (_, uid) => shardOf(principalOf({ uid })))
  expect(new Set(shards)).toEqual(new Set(Array(SESSION_SHARDS).keys()))
})
