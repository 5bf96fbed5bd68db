/** What `npm start` does with a backup's file, instead of a start. */
import type { Options } from '../options.ts'
import type { Progress } from './archive.ts'
import { backUp } from './backup.ts'

/** How often a long one says how far it is. */
const SAY_BYTES = 256 * 2 ** 20

/** @returns what the person is told. */
export const runCommand = (
  { file }: NonNullable<Options['command']>,
  data: string,
): Promise<string> => backUp(data, file, sayProgress())

// ---------------------------------------------------------------------------------------------

const sayProgress = (): Progress => {
  let said = 0
  return (done, of) => {
    if (done - said < SAY_BYTES) return
    said = done
    process.stderr.write(`${Math.round(done / 2 ** 20)} of ${Math.round(of / 2 ** 20)} MB\n`)
  }
}
