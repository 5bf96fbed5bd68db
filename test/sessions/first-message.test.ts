/** SCRAM's first message, as anybody may send it: it must tell nobody which keys there are, were, or are renewed. */
import { randomBytes } from 'node:crypto'
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refOf } from '../../shared/domain/key.ts'
import { deleteKey, updateKey } from '../../shared/keys/change.ts'
import type { Service } from '../../shared/service.ts'
import { SERVICE } from '../../shared/store/audit.ts'
import { itemKey } from '../../shared/store/item-keys.ts'
import type { User } from '../../shared/store/user-items.ts'
import { REAL_ROUNDS } from '../kit/costs.ts'
import { startSockets } from '../kit/peer.ts'
import { type Call, scramLogin } from '../kit/scram.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'

let rig: Rig
let admin: User
beforeAll(async () => {
  rig = await startRig({}, REAL_ROUNDS)
  admin = await newTenant(rig.service)
})
afterAll(() => rig.close())

/** What a stranger is shown of an id. */
const shownOf = async (id: number, service: Service = rig.service): Promise<string> => {
  const peer = await startSockets(service).open()
  const answer = await peer.call<{ rfc_str: string }>('auth.login_ex', {
    mechanism: 'SCRAM',
    scram_type: 'CLIENT_FIRST_MESSAGE',
    rfc_str: `n,,n=admin:${id},r=${randomBytes(32).toString('base64')}`,
  })
  return answer.rfc_str.replace(/^r=[^,]+,/, '')
}

/** Calls on a socket of its own. */
const caller = async (): Promise<Call> => {
  const peer = await startSockets(rig.service).open()
  return (method, ...params) => peer.call(method, ...params)
}

const reset = (id: number, graceSeconds = 0) =>
  updateKey(rig.service, {
    ref: refOf(id) ?? expect.fail(),
    actor: SERVICE,
    update: { reset: true, graceSeconds },
  })
const remove = (id: number) =>
  deleteKey(rig.service, { ref: refOf(id) ?? expect.fail(), actor: SERVICE })

/** Writes to a key as it is checked, as older versions of the service left it, or an import. */
const rewrite = async (id: number, UpdateExpression: string, values?: Record<string, unknown>) => {
  await rig.client.send(
    new UpdateItemCommand({
      TableName: rig.table,
      Key: marshall(itemKey.check(refOf(id) ?? expect.fail())),
      UpdateExpression,
      ...(values && { ExpressionAttributeValues: marshall(values) }),
    }),
  )
}

const FOREIGN = { salt: Buffer.from('a salt of theirs').toString('base64'), iterations: 500_000 }

describe('a first message', () => {
  it('shows the same of an id before there is a key, while there is, after a reset and a delete', async () => {
    const { key: last } = await addKey(rig.service, admin)
    const shown = new Map<number, string>()
    for (let id = last.id + 1; id < last.id + 60; id++) shown.set(id, await shownOf(id))
    const { key } = await addKey(rig.service, admin)
    const before = shown.get(key.id)
    expect(before).toMatch(/^s=[A-Za-z0-9+/]{22}==,i=50000$/)
    expect(await shownOf(key.id)).toBe(before)
    await reset(key.id)
    expect(await shownOf(key.id)).toBe(before)
    await reset(key.id, 60)
    expect(await shownOf(key.id)).toBe(before)
    await remove(key.id)
    expect(await shownOf(key.id)).toBe(before)
    // And another of each id.
    expect(new Set(shown.values()).size).toBe(shown.size)
  })

  it('shows the salt and rounds of an imported key for as long as there is a server', async () => {
    const { key } = await addKey(rig.service, admin)
    await rewrite(key.id, 'SET scram = :scram', { ':scram': FOREIGN })
    const theirs = `s=${FOREIGN.salt},i=500000`
    expect(await shownOf(key.id)).toBe(theirs)
    const { issued } = await reset(key.id)
    expect(await shownOf(key.id)).toBe(theirs)
    const call = await caller()
    const raw = issued?.raw.reveal() ?? ''
    const { last, serverProven } = await scramLogin(call, { username: 'admin', raw })
    expect([last?.response_type, serverProven]).toEqual(['SCRAM_RESPONSE', true])
    await remove(key.id)
    expect(await shownOf(key.id)).toBe(theirs)
  })

  it('opens no secret: it costs no call of KMS, whatever is behind the id', async () => {
    const other = await newTenant(rig.service)
    const keys = await Promise.all([other, admin].map((user) => addKey(rig.service, user)))
    const fresh = rig.make()
    // The service's own data key, once in a process.
    await shownOf(1_000_000_000 + 999_999_999, fresh)
    const before = rig.kmsCalls.length
    for (const { key } of keys) await shownOf(key.id, fresh)
    expect(rig.kmsCalls.slice(before)).toEqual([])
  })
})

describe('a key from before salts were kept in clear', () => {
  it('shows its own, logs in, and opens nothing more for first messages then', async () => {
    const { key, raw } = await addKey(rig.service, admin)
    const shown = await shownOf(key.id)
    await rewrite(key.id, 'REMOVE scram')
    expect(await shownOf(key.id)).toBe(shown)
    await scramLogin(await caller(), { username: 'admin', raw: raw.reveal() })
    const fresh = rig.make()
    await shownOf(key.id + 1_000_000, fresh)
    const before = rig.kmsCalls.length
    expect(await shownOf(key.id, fresh)).toBe(shown)
    expect(rig.kmsCalls.slice(before)).toEqual([])
  })
})
