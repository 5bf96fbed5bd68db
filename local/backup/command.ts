/** What `npm start` does with a backup's file, instead of a start. */
import type { Options } from '../options.ts'
import { codeOf, messageOf, UserError } from '../user-error.ts'
import type { Progress } from './archive.ts'
import { backUp } from './backup.ts'
import { restore } from './restore.ts'

/** How often a long one says how far it is. */
const SAY_BYTES = 256 * 2 ** 20

/** @returns what the person is told. */
export const runCommand = async (
  { name, file, unknown }: NonNullable<Options['command']>,
  { data, journal }: Pick<Options, 'data' | 'journal'>,
): Promise<string> => {
  try {
    return name === 'backup'
      ? await backUp(data, file, sayProgress())
      : await restore({ data, journal }, file, unknown, sayProgress())
  } catch (error) {
    // A full disk, a file that may not be read.
    if (codeOf(error) === '') throw error
    throw new UserError(`${name} failed (${messageOf(error)}): mend that, and try again`)
  }
}

// ---------------------------------------------------------------------------------------------

const sayProgress = (): Progress => {
  let said = 0
  return (done, of) => {
    if (done - said < SAY_BYTES) return
    said = done
    process.stderr.write(`${Math.round(done / 2 ** 20)} of ${Math.round(of / 2 ** 20)} MB\n`)
  }
}
