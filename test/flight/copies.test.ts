/** Copies of a session's item: as many as calls at once, none in two transactions, none left behind. */
import { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it, vi } from 'vitest'
import { entry, holdWrites } from '../kit/held.ts'
import { type Peer, refusalOf } from '../kit/peer.ts'
import { scan } from '../kit/table.ts'
import { EXPIRED, useFlights } from './kit.ts'

const { flights, eve } = useFlights()

/** Copies that a user's sessions have. */
const copies = async (): Promise<number> => {
  const items = await scan(flights.rig.table)
  return items.filter(
    ({ sk, session }) =>
      sk.startsWith('SESSION#') && sk.split('#').length === 5 && session?.uid === eve.uid,
  ).length
}

let keys = 0
const make = (peer: Peer) =>
  peer.call('api_key.create', { name: `copied ${++keys}`, username: eve.username })

describe('a session’s copies', () => {
  it('are as many as its calls at once, and used again', async () => {
    const peer = await flights.here.openAs(eve)
    const held = holdWrites(entry('key.create', eve.username))
    const calls = Array.from({ length: 5 }, () => make(peer))
    await held.until(5)
    expect(await copies()).toBe(5)
    held.release()
    await Promise.all(calls)
    for (let i = 0; i < 3; i++) await make(peer)
    expect(await copies()).toBe(5)
    await peer.disconnect()
    expect(await copies()).toBe(0)
  })

  it('are in one transaction at a time', async () => {
    const peer = await flights.here.openAs(eve)
    const busy = new Set<string>()
    let met = 0
    const send = DynamoDBClient.prototype.send
    vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(async function (
      this: DynamoDBClient,
      command: unknown,
    ) {
      const checks =
        command instanceof TransactWriteItemsCommand
          ? (command.input.TransactItems ?? []).flatMap(({ ConditionCheck }) => {
              const sk = ConditionCheck?.Key?.sk?.S ?? ''
              return sk.startsWith('SESSION#') ? [sk] : []
            })
          : []
      for (const sk of checks) {
        if (busy.has(sk)) met++
        busy.add(sk)
      }
      try {
        return await (send as (command: unknown) => Promise<never>).call(this, command)
      } finally {
        for (const sk of checks) busy.delete(sk)
      }
    } as never)
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 10 }, () => make(peer)))
    expect(met).toBe(0)
  })

  it('are not used again where it is open what became of them', async () => {
    const peer = await flights.here.openAs(eve)
    await make(peer)
    const before = await copies()
    const send = DynamoDBClient.prototype.send
    const spy = vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(async function (
      this: DynamoDBClient,
      command: unknown,
    ) {
      if (command instanceof TransactWriteItemsCommand)
        throw Object.assign(new Error('it stopped'), { name: 'TimeoutError' })
      return (send as (command: unknown) => Promise<never>).call(this, command)
    } as never)
    expect(await refusalOf(make(peer))).not.toBe('not refused')
    spy.mockRestore()
    await make(peer)
    expect(await copies()).toBe(before + 1)
  })

  it('that were made since a demotion are none for calls that were judged before it', async () => {
    const mia = await flights.anAdmin()
    const peer = await flights.here.openAs(mia)
    const { tenants } = flights.here.service
    let arrived = () => {}
    let goOn = () => {}
    const isHeld = new Promise<void>((done) => {
      arrived = done
    })
    const next = tenants.next
    vi.spyOn(tenants, 'next').mockImplementationOnce(async (...args) => {
      arrived()
      await new Promise<void>((done) => {
        goOn = done
      })
      return next(...args)
    })
    const judgedBefore = refusalOf(
      peer.call('user.create', { username: 'mallory', full_name: 'M', roles: ['FULL_ADMIN'] }),
    )
    await isHeld
    await flights.root.call('user.update', mia.uid, { roles: ['API_KEY_WRITE'] })
    // It makes a copy after the demotion has looked for them.
    await peer.call('api_key.create', { name: 'since', username: mia.username })
    goOn()
    expect(await judgedBefore).toMatch(/^-32001 \[EBUSY\] The roles of/)
  })

  it('are not made for a session that is marked as ended, before its socket is', async () => {
    const peer = await flights.here.openAs(eve)
    const connection = await flights.rig.service.connections.get(peer.id)
    if (!connection?.session) throw new Error('nobody is logged in')
    const listed = { connection: peer.id, session: connection.session }
    await flights.rig.service.connections.mark(listed, {
      hold: async () => ({
        isNew: true,
        write: { put: { pk: 'T#0', sk: 'X' } },
        release: () => {},
        refusal: () => new Error() as never,
      }),
    })
    expect(await refusalOf(make(peer))).toBe(EXPIRED)
  })
})

describe('a handshake', () => {
  it('is one plain put', async () => {
    const sent: string[] = []
    const send = DynamoDBClient.prototype.send
    vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(async function (
      this: DynamoDBClient,
      command: object,
    ) {
      sent.push(command.constructor.name)
      return (send as (command: unknown) => Promise<never>).call(this, command)
    } as never)
    await flights.here.open()
    expect(sent).toEqual(['PutItemCommand'])
  })
})
