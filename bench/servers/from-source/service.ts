/** The whole service as `npm start` runs it, without pages: gateway, functions, streams, all in this
 * process but DynamoDB. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cloud, startCloud } from '../../../local/cloud.ts'
import { parseOptions } from '../../../local/options.ts'
import { answerQuestions } from '../parts/answering.ts'
import { createWatch } from '../parts/stillness.ts'

let cloud: Cloud | null = null
const watch = createWatch()

answerQuestions({
  start: async ({ data }: { data: string }) => {
    cloud = await startCloud(
      parseOptions({ PORT: '0', HTTP_PORT: '0', KEYHARBOR_DATA: data, KEYHARBOR_SITE: 'off' }),
    )
    return JSON.parse(await readFile(join(data, 'bootstrap.json'), 'utf8'))
  },
  /** From now on it is watched how long the event loop stands still. */
  watch: watch.begin,
  /** @returns the longest that it stood since then. */
  longest: watch.end,
  close: () => cloud?.close(),
})
