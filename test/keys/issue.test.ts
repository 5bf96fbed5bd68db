import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mintSecret } from '../../shared/crypto/random.ts'
import { type KeyRef, rawKey } from '../../shared/domain/key.ts'
import { sweep } from '../../shared/jobs/sweep.ts'
import { deleteKey, type KeyUpdate, updateKey } from '../../shared/keys/change.ts'
import { checkKey, type Verdict } from '../../shared/keys/check.ts'
import { revokeKey } from '../../shared/keys/revoke.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User, UserChange } from '../../shared/store/user-items.ts'
import { propagate } from '../../shared/users/propagate.ts'
import { addKey, addUser, newTenant, type Rig, refusal, startRig } from '../kit/service.ts'
import { putItems, readItem } from '../kit/table.ts'

let rig: Rig
let service: Service
let admin: User
beforeAll(async () => {
  rig = await startRig()
  service = rig.service
  admin = await newTenant(service)
})
afterAll(() => rig.close())

it('a key from before there were fingerprints is good by its own secret alone', async () => {
  const { key, raw } = await addKey(service, admin)
  const { fingerprint, ...before } = (await readItem(rig.table, itemKey.check(key))) ?? {}
  expect(fingerprint).toBeDefined()
  await putItems(rig.table, [before])
  expect((await checkKey(service, rawKey(key.id, mintSecret(key.id)).reveal())).state).toBe(
    'unknown',
  )
  expect((await checkKey(service, raw.reveal())).state).toBe('active')
})

const anybody = { actor: SERVICE }
const stateOf = async (raw: { reveal(): string }): Promise<Verdict['state']> =>
  (await checkKey(service, raw.reveal())).state
const update = (ref: KeyRef, asked: Partial<KeyUpdate>) =>
  updateKey(service, {
    ...anybody,
    ref,
    update: { reset: false, graceSeconds: 0, ...asked },
  })
const listed = async ({ tenant, n }: KeyRef) => (await service.keys.byNumbers(tenant, [n]))[0]
const revoke = (ref: KeyRef) => revokeKey(service, { ...anybody, ref, cause: 'asked' })
const changeUser = async (user: User, to: UserChange): Promise<User> => {
  const fresh = (await service.users.get(user.tenant, user.username)) as User
  const after = await service.users.change(fresh, to, {
    event: 'user.update',
    at: service.now(),
    actor: SERVICE,
  })
  if ('reason' in after) throw new Error(after.reason)
  await propagate(service, after, { left: 100 })
  return after
}
const day = 86_400_000

describe('a new key', () => {
  it('is good at once, and is its user’s', async () => {
    const { key, raw } = await addKey(service, admin)
    expect(await checkKey(service, raw.reveal())).toMatchObject({
      state: 'active',
      key: { id: key.id, username: 'admin', roles: ['FULL_ADMIN'] },
    })
  })

  it('takes a name that no other key of the tenant has', async () => {
    const mary = await addUser(service, admin.tenant, 'mary', ['API_KEY_READ'])
    await addKey(service, admin, { name: 'taken' })
    expect(await refusal(addKey(service, mary, { name: 'taken' }))).toEqual([
      'api_key_create: name must be unique',
    ])
    const other = await newTenant(service)
    await addKey(service, other, { name: 'taken' })
  })

  it('has one winner when two take a name at once', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => addKey(service, admin, { name: 'race' })),
    )
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

describe('a reset', () => {
  it('ends the old secret and keeps id, name and expiry', async () => {
    const expires = service.now() + day
    const { key, raw } = await addKey(service, admin, { expires })
    const { issued } = await update(key, { reset: true })
    expect(await stateOf(raw)).toBe('unknown')
    expect(await stateOf(issued?.raw ?? raw)).toBe('active')
    expect(issued?.key).toMatchObject({ id: key.id, name: key.name, expires })
  })

  it('with a grace period lets the old secret live until its end, and not longer', async () => {
    const { key, raw } = await addKey(service, admin)
    await update(key, { reset: true, graceSeconds: 60 })
    expect(await stateOf(raw)).toBe('active')
    rig.clock.now += 59_999
    expect(await stateOf(raw)).toBe('active')
    rig.clock.now += 1
    expect(await stateOf(raw)).toBe('unknown')
  })

  it('never lets a grace period outlive the expiry', async () => {
    const { key, raw } = await addKey(service, admin, { expires: service.now() + 1000 })
    await update(key, { reset: true, graceSeconds: 3600 })
    rig.clock.now += 1000
    expect(await stateOf(raw)).toBe('unknown')
  })

  it('brings a revoked key back with a new secret, and never the old one', async () => {
    const { key, raw } = await addKey(service, admin)
    await revoke(key)
    const { issued } = await update(key, { reset: true, graceSeconds: 3600 })
    expect(issued?.key.revoked).toBeNull()
    expect(await stateOf(issued?.raw ?? raw)).toBe('active')
    expect(await stateOf(raw)).toBe('unknown')
  })

  it('of an expired key needs a new expiry', async () => {
    const { key, raw } = await addKey(service, admin, { expires: service.now() + 1 })
    rig.clock.now += 1
    expect(await refusal(update(key, { reset: true }))).toEqual([
      'api_key_update: Expiration date is in the past',
    ])
    const { issued } = await update(key, { reset: true, expires: null })
    expect(await stateOf(issued?.raw ?? raw)).toBe('active')
  })

  it('by two at once gives one of them the key, and the other a clear refusal', async () => {
    const { key } = await addKey(service, admin)
    const tries = await Promise.allSettled([
      update(key, { reset: true }),
      update(key, { reset: true }),
    ])
    const won = tries.filter((one) => one.status === 'fulfilled')
    const lost = tries.filter((one) => one.status === 'rejected')
    for (const one of lost) expect(one.reason).toMatchObject({ code: 'RESET_TWICE' })
    const last = won.map(({ value }) => value.issued?.raw)
    expect(won.length).toBeGreaterThan(0)
    // A caller that was told that it won holds a secret that works, unless a later winner reset it.
    const states = await Promise.all(last.map((raw) => raw && stateOf(raw)))
    expect(states.filter((state) => state === 'active')).toHaveLength(1)
  })
})

describe('a revoked key', () => {
  it('passes no check, keeps its expiry, and says why', async () => {
    const expires = service.now() + day
    const { key, raw } = await addKey(service, admin, { expires })
    await revoke(key)
    expect(await stateOf(raw)).toBe('revoked')
    expect(await listed(key)).toMatchObject({ expires, revoked: { reason: 'Revoked' } })
  })

  it('stays as it was revoked first', async () => {
    const { key } = await addKey(service, admin)
    await revokeKey(service, { ...anybody, ref: key, cause: 'asked', reason: 'a' })
    const first = await listed(key)
    await revokeKey(service, { ...anybody, ref: key, cause: 'insecure' })
    expect(first?.revoked).toMatchObject({ reason: 'a' })
    expect(await listed(key)).toEqual(first)
  })

  it('is not brought back by a new name or a new expiry', async () => {
    const { key, raw } = await addKey(service, admin)
    await revoke(key)
    await update(key, { name: 'renamed after revoke', expires: service.now() + day })
    expect(await stateOf(raw)).toBe('revoked')
  })
})

describe('a renamed key', () => {
  it('frees its old name and holds the new one', async () => {
    const { key } = await addKey(service, admin, { name: 'old name' })
    await update(key, { name: 'new name' })
    await addKey(service, admin, { name: 'old name' })
    expect(await refusal(addKey(service, admin, { name: 'new name' }))).toHaveLength(1)
  })
})

describe('a deleted key', () => {
  it('passes no check, and its name and id are gone', async () => {
    const { key, raw } = await addKey(service, admin, { name: 'short-lived' })
    await deleteKey(service, { ...anybody, ref: key })
    expect(await stateOf(raw)).toBe('unknown')
    expect(await refusal(deleteKey(service, { ...anybody, ref: key }))).toEqual([
      `null: ApiKey ${key.id} does not exist`,
    ])
    const again = await addKey(service, admin, { name: 'short-lived' })
    expect(again.key.id).toBeGreaterThan(key.id)
  })
})

describe('a user', () => {
  it('who is locked has no key that passes, and has them all back when unlocked', async () => {
    const user = await addUser(service, admin.tenant, 'lock-me', ['API_KEY_READ'])
    const keys = await Promise.all(Array.from({ length: 20 }, () => addKey(service, user)))
    await changeUser(user, { locked: true })
    for (const { raw } of keys) expect(await stateOf(raw)).toBe('locked')
    await changeUser(user, { locked: false })
    for (const { raw } of keys) expect(await stateOf(raw)).toBe('active')
  })

  it('who is locked while keys are made for them has none that passes', async () => {
    const user = await addUser(service, admin.tenant, 'busy', ['API_KEY_READ'])
    const [keys] = await Promise.all([
      Promise.all(Array.from({ length: 12 }, () => addKey(service, user))),
      changeUser(user, { locked: true }),
    ])
    for (const { raw } of keys) expect(await stateOf(raw)).toBe('locked')
  })

  it('whose roles change has them changed on every key', async () => {
    const user = await addUser(service, admin.tenant, 'promoted', ['API_KEY_READ'])
    const { raw } = await addKey(service, user)
    await changeUser(user, { roles: ['ACCOUNT_READ'] })
    expect(await checkKey(service, raw.reveal())).toMatchObject({
      key: { roles: ['ACCOUNT_READ'] },
    })
  })

  it('who is deleted leaves revoked keys, and a namesake does not inherit them', async () => {
    const user = await addUser(service, admin.tenant, 'leaver', ['API_KEY_READ'])
    const { key, raw } = await addKey(service, user)
    await changeUser(user, { deleted: true })
    expect(await stateOf(raw)).toBe('revoked')
    expect(await service.users.get(admin.tenant, 'leaver')).toBeNull()
    const namesake = await addUser(service, admin.tenant, 'leaver', ['FULL_ADMIN'])
    expect(await service.keys.ownedBy(admin.tenant, namesake.uid)).toEqual([])
    const [left] = await service.keys.byNumbers(admin.tenant, [key.n])
    expect(left).toMatchObject({
      username: null,
      revoked: { reason: 'User does not exist' },
    })
  })

  it('whose change was cut short is finished by the sweep', async () => {
    const user = await addUser(service, admin.tenant, 'half-done', ['API_KEY_READ'])
    const { raw } = await addKey(service, user)
    // The process dies between the user's item and their keys.
    await service.users.change(
      user,
      { locked: true },
      { event: 'user.update', at: service.now(), actor: SERVICE },
    )
    expect(await stateOf(raw)).toBe('locked')
    await sweep(service)
    // The gate is left a minute later, and the key says by itself what it said.
    rig.clock.now += 60_000
    await sweep(service)
    expect(await stateOf(raw)).toBe('locked')
  })
})

describe('the sweep', () => {
  it('marks what is due, once, and leaves the rest', async () => {
    const due = await addKey(service, admin, { expires: service.now() + 1000 })
    const later = await addKey(service, admin, { expires: service.now() + day })
    rig.clock.now += 1000
    const runs = await Promise.all([sweep(service), sweep(service)])
    expect(runs.every(({ failed }) => failed === 0)).toBe(true)
    const [one, two] = await service.keys.byNumbers(admin.tenant, [due.key.n, later.key.n])
    expect(one?.revoked).toMatchObject({ reason: 'Key expired', cause: 'expired' })
    expect(two?.revoked).toBeNull()
    expect(await sweep(service)).toEqual({ done: 0, failed: 0 })
    expect(await stateOf(due.raw)).toBe('expired')
  })

  it('ends a grace period and leaves the key', async () => {
    const { key, raw } = await addKey(service, admin)
    const { issued } = await update(key, { reset: true, graceSeconds: 10 })
    rig.clock.now += 10_000
    await sweep(service)
    const [checked] = await service.keys.forCheck([key])
    expect(checked?.former).toBeNull()
    expect(await stateOf(issued?.raw ?? raw)).toBe('active')
  })

  it('leaves a key alone whose expiry was moved meanwhile', async () => {
    const { key, raw } = await addKey(service, admin, { expires: service.now() + 1000 })
    await update(key, { expires: service.now() + day })
    rig.clock.now += 1000
    await sweep(service)
    expect(await stateOf(raw)).toBe('active')
  })
})

describe('the check', () => {
  it('tells a wrong secret, an unknown id and malformed text alike', async () => {
    const { key, raw } = await addKey(service, admin)
    const { key: other, raw: foreign } = await addKey(service, await newTenant(service))
    const swapped = `${key.id}-${foreign.reveal().split('-')[1]}`
    for (const text of [swapped, `${other.id}-${raw.reveal().split('-')[1]}`, '', 'x'])
      expect(await checkKey(service, text)).toEqual({ state: 'unknown' })
    await deleteKey(service, { ...anybody, ref: key })
    expect(await checkKey(service, raw.reveal())).toEqual({ state: 'unknown' })
  })

  it('asks KMS once for a tenant, and never for garbage', async () => {
    const { raw } = await addKey(service, admin)
    const fresh = rig.make()
    rig.kmsCalls.length = 0
    const wellFormed = raw.reveal().replace(/^\d+/, String(9_007_198_000_000_001))
    for (let i = 0; i < 5; i++) await checkKey(fresh, wellFormed)
    expect(rig.kmsCalls).toEqual([])
    for (let i = 0; i < 5; i++) await checkKey(fresh, raw.reveal())
    expect(rig.kmsCalls).toEqual(['Decrypt'])
  })

  it('does not open a row that was rolled back to an older secret', async () => {
    const { key, raw } = await addKey(service, admin)
    const [before] = await service.keys.forCheck([key])
    await update(key, { reset: true })
    const [after] = await service.keys.forCheck([key])
    if (!before || !after) throw new Error('no key')
    const forged = { ...after, secret: { ...after.secret, sealed: before.secret.sealed } }
    const lying = { ...service, keys: { ...service.keys, forCheck: async () => [forged] } }
    expect(await checkKey(lying, raw.reveal())).toEqual({ state: 'unknown' })
  })
})
