/** Tenants in the table: counters, wrapped data keys, slugs, the operator's directory. */

import type { Scope, WrappedKey } from '../crypto/vault.ts'
import { LAST_TENANT } from '../domain/key.ts'
import type { Actor } from './audit.ts'
import { type Conflict, type Db, ENDING } from './db.ts'
import { suspend } from './gate.ts'
import { itemKey } from './item-keys.ts'
import { directoryRef } from './item-refs.ts'
import { createNumbers } from './numbers.ts'
import { type Once, recording } from './once.ts'
import { type User, userItem } from './user-items.ts'
import { ABSENT, type Item } from './write.ts'

export type Tenant = {
  readonly tenant: number
  /** Short name: first label of a host, and behind the `@` of a login name. */
  readonly slug: string
  readonly name: string
  readonly createdAt: number
  /** Nobody of a suspended tenant gets in, and none of its keys passes. */
  readonly suspended: boolean
}

export const createTenants = (db: Db) => ({
  /** The next free tenant number. Numbers are never used twice, so gaps are normal. */
  async nextTenant(): Promise<number> {
    const after = await db.update({
      update: itemKey.service,
      add: { tenants: 1 },
      when: `attribute_not_exists(#tenants) OR #tenants < :last`,
      values: { last: LAST_TENANT },
    })
    if (after === null) throw new Error(`all ${LAST_TENANT} tenant numbers are taken`)
    return after.tenants
  },

  /** Adds a tenant with its first data key and its first user, whose number is 1.
   * @returns the tenant as its item says it. */
  async add(
    { tenant, slug, name, createdAt }: Omit<Tenant, 'suspended'>,
    key: WrappedKey,
    admin: User,
    actor: Actor,
    once?: Once,
  ): Promise<Conflict<'REPEATED' | 'SLUG_TAKEN'> | Tenant> {
    const facts = { slug, name, createdAt }
    const listed = { ...itemKey.directory(tenant), ...facts }
    const entry = {
      tenant,
      at: createdAt,
      actor,
      event: 'tenant.create',
      subject: { tenant: slug },
      after: { name, admin: admin.username },
    } as const
    const conflict = await db.change<'REPEATED' | 'SLUG_TAKEN'>(entry, [
      ...recording(once, tenant, createdAt),
      { put: { ...itemKey.slug(slug), tenant }, when: ABSENT, conflict: 'SLUG_TAKEN' },
      {
        put: {
          ...itemKey.tenant(tenant),
          ...facts,
          keys: 0,
          keyCount: 0,
          counted: true,
          users: admin.uid,
          dataKey: key.version,
          dataKeys: { [key.version]: key.blob },
        },
        when: ABSENT,
      },
      { put: listed },
      { put: userItem(admin) },
    ])
    return conflict ?? toTenant(listed, tenant)
  },

  async bySlug(slug: string): Promise<number | null> {
    return ((await db.get(itemKey.slug(slug)))?.tenant as number | undefined) ?? null
  },

  async slugOf(tenant: number): Promise<string | null> {
    return (await db.getProjection(itemKey.tenant(tenant), ['slug']))?.slug ?? null
  },

  async *all(): AsyncGenerator<Tenant> {
    for await (const item of db.list(itemKey.service.pk, 'TENANT#'))
      yield toTenant(item, directoryRef(item))
  },

  /**
   * Suspends a tenant, or lets it go on: for all keys and users, from then on. One that is so already stays so.
   * @returns the tenant as it is then; null if there is none.
   */
  async setSuspended(
    tenant: number,
    suspended: boolean,
    at: number,
    actor: Actor,
  ): Promise<Tenant | null> {
    const key = itemKey.directory(tenant)
    const item = await db.get(key)
    if (item === null) return null
    const now = { ...toTenant(item, tenant), suspended }
    const entry = {
      tenant,
      at,
      actor,
      event: suspended ? 'tenant.suspend' : 'tenant.resume',
      subject: { tenant: now.slug },
      before: { suspended: !suspended },
      after: { suspended },
    } as const
    // Lost to another call that did the same.
    await db.change<'SAME'>(
      entry,
      [
        suspended
          ? {
              update: key,
              set: { suspended },
              when: 'attribute_not_exists(#suspended)',
              conflict: 'SAME',
            }
          : {
              update: key,
              remove: ['suspended'],
              when: 'attribute_exists(#suspended)',
              conflict: 'SAME',
            },
        ...suspend(tenant, suspended),
      ],
      // Changes of the tenant's users write the gate too, and may come without end.
      suspended ? ENDING : undefined,
    )
    return now
  },

  /** Takes the next number of a tenant's keys or users. */
  next: createNumbers(db),

  /** Version of the data key for new secrets. */
  async currentDataKey(tenant: number): Promise<number | null> {
    return (await db.getProjection(itemKey.tenant(tenant), ['dataKey']))?.dataKey ?? null
  },

  async wrappedKey(scope: Scope, version: number): Promise<Uint8Array | null> {
    const at = scope === 'service' ? itemKey.service : itemKey.tenant(scope)
    return (await db.getProjection(at, ['dataKeys']))?.dataKeys?.[version] ?? null
  },

  /** Keeps the service's own data key, unless there is one. */
  async addServiceKey(key: WrappedKey): Promise<void> {
    await db.update({
      update: itemKey.service,
      set: { dataKeys: { [key.version]: key.blob } },
      when: 'attribute_not_exists(#dataKeys)',
    })
  },
})

export type Tenants = ReturnType<typeof createTenants>

// ---------------------------------------------------------------------------------------------

const toTenant = (item: Item, tenant: number): Required<Tenant> => ({
  tenant,
  slug: item.slug,
  name: item.name,
  createdAt: item.createdAt,
  suspended: item.suspended === true,
})
