/** A subject that is asked in its own process: no listener, nobody else's work in its CPU. */
import type { Tenant } from '../rig/tenant.ts'
import { bundleOf } from '../run/build.ts'
import { startChild } from '../run/child.ts'
import type { Sample } from '../run/protocol.ts'
import { perItem } from '../run/stats.ts'
import type { Subject } from '../run/subject.ts'
import type { ProcessRequest, ProcessStart } from '../servers/our-process.ts'
import type { Post, Proof } from './callers.ts'
import { requestsBy, type Way } from './checks.ts'

type InProcess = Pick<Subject, 'id' | 'label'> & {
  readonly environment: () => Readonly<Record<string, string>>
  readonly how: ProcessStart
  readonly way: Way
  readonly proof: Proof
  readonly tenant: Tenant
}

export const inProcess = ({
  id,
  label,
  environment,
  how,
  way,
  proof,
  tenant,
}: InProcess): Subject => ({
  id,
  group: 'ours',
  label,
  by: 'process',
  start: async () => {
    const child = startChild(bundleOf('our-process'), { name: id, environment: environment() })
    const ask = (requests: readonly ProcessRequest[]) => child.ask<Reply[]>('ask', requests)
    const post: Post = async (path, headers, body) => {
      const [reply] = await ask([{ path, headers, body }])
      return { status: reply?.statusCode ?? 0, body: reply?.body ?? '' }
    }
    /** Proofs expire: before each round there is a new one. */
    const prepare = async (): Promise<void> => {
      for (const { body } of await ask(await requestsBy(way, proof, tenant, post)))
        if (!way.isRight(body)) throw new Error(`answered ${body.slice(0, 300)}`)
    }
    try {
      await child.ask('start', how)
      await prepare()
    } catch (error) {
      await child.stop()
      throw error
    }
    return {
      measure: async (seconds) => {
        await prepare()
        return perItem(await child.ask<Sample>('run', seconds), way.items(tenant))
      },
      close: () => child.stop(),
    }
  },
})

// ---------------------------------------------------------------------------------------------

type Reply = { readonly statusCode: number; readonly body: string }
