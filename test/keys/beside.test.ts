/** Changes of one key that meet: a reset can't be held up by them, and the sweep finds what is due, whichever was first. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { sweep } from '../../shared/jobs/sweep.ts'
import { deleteKey, type KeyUpdate, updateKey } from '../../shared/keys/change.ts'
import { checkKey } from '../../shared/keys/check.ts'
import { revokeKey } from '../../shared/keys/revoke.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { KeyFacts } from '../../shared/store/key-items.ts'
import type { User } from '../../shared/store/user-items.ts'
import { addKey, newTenant, type Rig, refusal, startRig } from '../kit/service.ts'
import { readItem, scan } from '../kit/table.ts'

let rig: Rig
let admin: User
let key: KeyFacts
beforeAll(async () => {
  rig = await startRig()
  admin = await newTenant(rig.service)
})
afterAll(() => rig.close())
afterEach(() => vi.restoreAllMocks())
const SOON_MS = 5000
const HOUR_MS = 3_600_000
beforeEach(async () => {
  key = (await addKey(rig.service, admin, { expires: rig.clock.now + SOON_MS })).key
})

/** @param meanwhile done each time after the key was read, before it is changed. */
const update = (
  asked: Partial<KeyUpdate>,
  meanwhile = async (): Promise<unknown> => null,
  service = rig.service,
) => {
  const forCheck: typeof service.keys.forCheck = async (refs) => {
    const found = await service.keys.forCheck(refs)
    await meanwhile()
    return found
  }
  return updateKey(
    { ...service, keys: { ...service.keys, forCheck } },
    { ref: key, actor: SERVICE, update: { reset: false, graceSeconds: 0, ...asked } },
  )
}
type Field = Exclude<keyof KeyUpdate, 'reset' | 'graceSeconds'>
/** By which name the audit shows each. */
const AUDITED: Readonly<Record<Field, string>> = { name: 'name', expires: 'expires_at' }
/** Other values of all fields, new ones each time. */
const others = (): Required<Pick<KeyUpdate, Field>> => {
  values += 1
  return { name: `other ${values}`, expires: rig.clock.now + 2 * HOUR_MS + values }
}
let values = 0
const reset = { reset: true }
const resetWithGrace = { reset: true, graceSeconds: 3600 }
const forGood = () => update({ expires: null })
const once = (act: () => Promise<unknown>) => {
  let isOver = false
  return async () => {
    if (isOver) return
    isOver = true
    await act()
  }
}
const revoke = () => revokeKey(rig.service, { ref: key, actor: SERVICE, cause: 'asked' })
const remove = () => deleteKey(rig.service, { ref: key, actor: SERVICE })
const read = () => readItem(rig.table, itemKey.check(key))
/** When the sweep is to visit the key, from now on; null if never. */
const due = async () => {
  const at = (await read())?.expiresAt
  return at === undefined ? null : at - rig.clock.now
}

/** A reset that gives another name too compares that; no other field. */
const resetUnnamed = () => {
  const { name: _, ...unnamed } = others()
  return { ...reset, ...unnamed }
}
it.each<[string, () => Promise<unknown>, () => Partial<KeyUpdate>]>([
  ['that ends a former secret', () => update(resetWithGrace), () => reset],
  ['with a grace period', async () => {}, () => resetWithGrace],
  ['of a revoked key', revoke, () => reset],
  ['without an end', async () => {}, () => ({ ...reset, expires: null })],
  ['with other values of all fields but the name', async () => {}, resetUnnamed],
])(
  'a reset %s is not held up by one change of the key after the other',
  async (_, before, asked) => {
    const change = () => update(others())
    await change()
    await before()
    const { issued } = await update(asked(), change).catch((fault) =>
      expect.fail(`${fault} A reset compares no field but the name: shared/store/keys.ts`),
    )
    expect(await checkKey(rig.service, issued?.raw.reveal() as string)).toMatchObject({
      state: 'active',
    })
  },
)

it.each(Object.entries(AUDITED) as [Field, string][])(
  'the audit says of a change of %s alone what was there when it was made',
  async (field, shown) => {
    const [from, to] = [others()[field], others()[field]]
    await update(
      { [field]: to },
      once(() => update({ [field]: from })),
    )
    const said = (await scan(rig.table))
      .filter(({ event, subject }) => event === 'key.update' && subject === key.id)
      .map(({ changes }) => changes)
    const why = `shared/store/key-judged.ts compares ${field}, and says what it was and is`
    expect(said, why).toHaveLength(2)
    expect(said, why).toContainEqual({ [shown]: { from, to } })
  },
)

it('a grace period that ended with the key is ended though the key does not end any more', async () => {
  await update(resetWithGrace, once(forGood))
  rig.clock.now += HOUR_MS
  await sweep(rig.service)
  expect(await read()).toMatchObject({ former: null, revoked: null })
  await sweep(rig.service)
  expect(await due()).toBeNull()
})

it('a key with nothing to come is not visited for ever', async () => {
  await update(resetWithGrace)
  await update(reset, once(forGood))
  rig.clock.now += HOUR_MS
  await sweep(rig.service)
  expect(await due()).toBeNull()
})

it.each<[string, () => Promise<unknown>, number | null]>([
  ['ends sooner than it did', () => update({ expires: rig.clock.now + 1000 }), 1000],
  ['never ends', forGood, null],
  ['ends as before', async () => {}, SOON_MS],
])('a key that was reset after a grace period and %s is visited then', async (_, act, then) => {
  await update(resetWithGrace)
  await update(reset, once(act))
  await sweep(rig.service)
  expect(await due()).toBe(then)
})

it('a key that is revoked before the sweep comes is not visited any more', async () => {
  await update(resetWithGrace)
  await revoke()
  await sweep(rig.service)
  expect(await due()).toBeNull()
})

it('a visit that was planned by what the key was leaves what it is', async () => {
  await update(resetWithGrace)
  const [before] = await rig.service.keys.forCheck([key])
  await update({ expires: rig.clock.now + 1000 })
  await rig.service.keys.visitNext(before ?? expect.fail())
  expect(await due()).toBe(1000)
  await update({ ...reset, expires: null })
  await sweep(rig.service)
  await rig.service.keys.visitNext(before ?? expect.fail())
  expect(await due()).toBeNull()
  await remove()
  await rig.service.keys.visitNext(before ?? expect.fail())
  expect(await read()).toBeNull()
})

it('an update answers with what the key is then, whatever it was read as', async () => {
  const name = `renamed ${key.n}`
  const { key: after } = await update(
    reset,
    once(() => update({ expires: null, name })),
  )
  expect(after).toMatchObject({ expires: null, name, generation: 2 })
  const { key: renamed } = await update(
    { name: `${name} again` },
    once(() => update({ expires: rig.clock.now + 1 })),
  )
  expect(renamed.expires).toBe(rig.clock.now + 1)
})

it('an update of a key that is deleted before it is answered is not told as failed', async () => {
  const { change } = rig.service.keys
  const service = {
    ...rig.service,
    keys: {
      ...rig.service.keys,
      change: async (...of: Parameters<typeof change>) => {
        const conflict = await change(...of)
        await remove()
        return conflict
      },
    },
  }
  const updated = update({ name: `gone ${key.n}` }, undefined, service)
  expect(await refusal(updated)).toBe('OUTCOME_UNKNOWN')
})

it('an update begins no other try once eight seconds are over', async () => {
  let tries = 0
  vi.spyOn(performance, 'now').mockImplementation(() => tries * 9000)
  const renamed = update({ name: `one ${key.n}` }, async () => {
    await update({ name: `another ${key.n} ${++tries}` })
  })
  expect(await refusal(renamed)).toBe('UNAVAILABLE')
  expect(tries).toBe(1)
})
