/** The whole service as `npm start` runs it, without pages: gateway, functions, streams, all in this
 * process but DynamoDB. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Cloud, startCloud } from '../../../local/cloud.ts'
import { parseOptions } from '../../../local/options.ts'
import { answerQuestions } from '../parts/answering.ts'

let cloud: Cloud | null = null

/** Milliseconds between two looks. */
const LOOK = 1
const delay = monitorEventLoopDelay({ resolution: LOOK })

answerQuestions({
  start: async ({ data }: { data: string }) => {
    cloud = await startCloud(
      parseOptions({ PORT: '0', HTTP_PORT: '0', KEYHARBOR_DATA: data, KEYHARBOR_SITE: 'off' }),
    )
    return JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
  },
  /** From now on it is watched how long the event loop stands still. */
  watch: () => {
    delay.enable()
    delay.reset()
  },
  /** @returns the longest that it stood since then, in milliseconds. */
  longest: () => Math.max(0, delay.max / 1e6 - LOOK),
  close: () => cloud?.close(),
})
