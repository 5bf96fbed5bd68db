/** A copy that is made after its session's items were listed for the end: the mark on what the session hangs on is
 * what stops it. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, it, vi } from 'vitest'
import { type Peer, refusalOf } from '../kit/peer.ts'
import { addKey } from '../kit/service.ts'
import { scan } from '../kit/table.ts'
import { EXPIRED, PASSWORD, useFlights } from './kit.ts'

const { flights, eve } = useFlights()

/** A call whose copy is put when the end was acknowledged already. */
const late = async (peer: Peer, end: () => Promise<unknown>): Promise<string> => {
  const send = DynamoDBClient.prototype.send
  let ended = false
  vi.spyOn(DynamoDBClient.prototype, 'send').mockImplementation(async function (
    this: DynamoDBClient,
    command: unknown,
  ) {
    if (command instanceof PutItemCommand && !ended) {
      ended = true
      await end()
    }
    return (send as (command: unknown) => Promise<never>).call(this, command)
  } as never)
  const answer = await refusalOf(
    peer.call('api_key.create', { name: `late ${peer.id}`, username: eve.username }),
  )
  expect(ended).toBe(true)
  return answer
}

it('is taken back, and nothing is changed', async () => {
  const { root, here, rig } = flights
  const { key, raw } = await addKey(rig.service, eve)
  const peer = await flights.loggedIn(raw.reveal())
  expect(await late(peer, () => root.call('api_key.revoke', key.id))).toBe(EXPIRED)
  vi.restoreAllMocks()
  const copies = (await scan(rig.table)).filter(
    ({ sk, session }) => sk.split('#').length === 5 && session?.key?.n === key.n,
  )
  expect(copies).toEqual([])
  const signedIn = await here.signIn(eve, PASSWORD)
  expect(await late(signedIn, () => signedIn.call('auth.logout'))).toBe(EXPIRED)
  vi.restoreAllMocks()
  const demoted = await here.signIn(eve, PASSWORD)
  const demote = () => root.call('user.update', eve.uid, { roles: ['API_KEY_WRITE'] })
  expect(await late(demoted, demote)).toMatch('changed by another call at the same moment')
  vi.restoreAllMocks()
  // Who is given more goes on.
  const promote = () => root.call('user.update', eve.uid, { roles: ['FULL_ADMIN'] })
  expect(await late(await here.signIn(eve, PASSWORD), promote)).toBe('not refused')
})
