/** An honest crowd behind one address. */
import { scramLogin } from '../../kit/scram.ts'
import { createKey } from '../acts/keys.ts'
import { logIn } from '../acts/logins.ts'
import { must, newTenant } from '../acts/tenants.ts'
import { openSocket } from '../client.ts'
import type { Violation } from '../judge/judge.ts'
import type { Scenario } from './scenario.ts'

const BOXES = 200

/** 200 logins by key and 200 by SCRAM from one address, in a moment in which no limit refills. */
export const boxesBehindOneAddress: Scenario = {
  name: 'boxes-behind-one-address',
  shows: '200 honest boxes behind one address log in at once, by key and by SCRAM',
  run: async (world) => {
    const tenant = await newTenant(world, 'amber')
    const key = must(await createKey(world, tenant.root, { name: 'amber box', username: 'root' }))
    const logins = Array.from({ length: 2 * BOXES }, async (_, n) => {
      const options = { tenant: 'amber', version: 'v26.0.0', address: '198.51.100.1' }
      const box = await openSocket(world, `box-${n}`, options)
      if (n % 2 === 0) return (await logIn(world, box, key)) !== null
      const call = async <T>(method: string, ...params: unknown[]): Promise<T> => {
        const { outcome } = await box.call(method, ...params)
        return (outcome?.kind === 'ok' ? outcome.value : { response_type: 'refused' }) as T
      }
      const { last } = await scramLogin(call, { username: 'root', raw: key.raw })
      return last?.response_type === 'SCRAM_RESPONSE'
    })
    const refused = (await Promise.all(logins)).filter((isIn) => !isIn).length
    return { tenants: [], violations: refused === 0 ? [] : [boxesRefused(refused)] }
  },
}

// ---------------------------------------------------------------------------------------------

const boxesRefused = (refused: number): Violation => ({
  promise: 'succeeds',
  text: `${refused} of ${2 * BOXES} logins were refused`,
  ops: [],
})
