/** Lambda entry of the scheduled sweep. Fails when an item failed, so that there is an alarm. */
import { parseEnv } from '../shared/env.ts'
import { sweep } from '../shared/jobs/sweep.ts'
import { createSweeping } from '../shared/service.ts'
import { metered } from './events/metered.ts'
import { namedRun } from './events/named.ts'

const service = createSweeping({ env: parseEnv(process.env) })

export const handler = metered(
  service,
  namedRun(async (): Promise<{ done: number }> => {
    const { done, failed } = await sweep(service)
    if (done > 0) service.log.info('swept', { done })
    if (failed > 0) throw new Error(`${failed} items could not be swept; the next run tries again`)
    return { done }
  }),
)
