/** Many boxes behind one address: what isn't guessed isn't counted, but for what it costs a process. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { atOnce } from '../../shared/domain/at-once.ts'
import { refusalOf, startSockets } from '../kit/peer.ts'
import { scramLogin } from '../kit/scram.ts'
import { addKey, newTenant, type Rig, startRig } from '../kit/service.ts'

const ADDRESS = '198.51.100.7'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.close())

it('two hundred log in by key and as many by SCRAM, with the clock stopped', async () => {
  const admin = await newTenant(rig.service)
  const process = startSockets(rig.service)
  const keys = await Promise.all(Array.from({ length: 20 }, () => addKey(rig.service, admin)))
  const refused: number[] = []
  await atOnce(Array(200).keys(), 8, async (n) => {
    const raw = keys[n % keys.length]?.raw.reveal() ?? ''
    const plain = await process.open({ address: ADDRESS })
    if (!(await plain.call('auth.login_with_api_key', raw))) refused.push(n)
    const box = await process.open({ address: ADDRESS })
    await box.call('auth.mechanism_choices')
    const { last } = await scramLogin(box.call.bind(box), { username: 'admin', raw })
    if (last?.response_type !== 'SCRAM_RESPONSE') refused.push(n)
  })
  expect(refused).toEqual([])
})

it('a clock that is set back an hour holds up no calls before login', async () => {
  const few = { ...rig.service.env, KEYHARBOR_ANONYMOUS_CALLS_PER_MINUTE: 5 }
  const process = startSockets({ ...rig.service, env: few })
  const peer = await process.open()
  rig.clock.ahead = 3_600_000
  for (let n = 0; n < 5; n++) await peer.call('core.ping')
  expect(await refusalOf(peer.call('core.ping'))).toBe('-32001 [EBUSY] Rate Limit Exceeded')
  rig.clock.ahead = 0
  rig.clock.now += 60_000
  for (let n = 0; n < 5; n++) expect(await peer.call('core.ping')).toBe('pong')
})
