/** Functions that a test writes down, run in processes as in Lambda. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startRuntimeApi } from '../../../local/runtime/api.ts'
import { createPool, type PoolOptions } from '../../../local/runtime/pool.ts'
import { type Program, startSandbox } from '../../../local/runtime/sandbox.ts'
import { folder } from '../kit.ts'

/** Reserved for Lambda itself (AWS: "Defined runtime environment variables"). */
export const LAMBDA =
  /^(_HANDLER|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_\w+|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|LANG|PATH|TZ)$/

type Given = Partial<Program & Pick<PoolOptions, 'seconds' | 'most' | 'onDone'>>

/** A pool whose processes run this module. */
export const poolOf = async (source: string, given: Given = {}) => {
  const root = await folder()
  await writeFile(join(root, 'index.mjs'), source)
  const api = await startRuntimeApi()
  const { seconds = 10, most = 8, onDone, ...program } = given
  const pool = createPool({
    name: 'Echo',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:echo',
    seconds,
    most,
    ...(onDone && { onDone }),
    start: () =>
      startSandbox(api, {
        name: 'Echo',
        node: process.execPath,
        flags: [],
        root,
        environment: (address) => ({
          AWS_LAMBDA_RUNTIME_API: address,
          AWS_LAMBDA_FUNCTION_NAME: 'echo',
          LAMBDA_TASK_ROOT: root,
          _HANDLER: 'index.handler',
        }),
        ...program,
      }),
  })
  onTestFinished(async () => {
    await pool.close()
    await api.close()
  })
  return { ...pool, root }
}
