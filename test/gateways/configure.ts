/** An example's configuration, as it stands, but for addresses: what is tested is what people copy. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const EXAMPLES = join(import.meta.dirname, '../../examples')

/**
 * Copies a file of `examples/` into a folder, with some texts exchanged, everywhere.
 * @throws Error for a text that isn't there: the example has changed, and the test hasn't.
 */
export const copyExample = async (
  file: string,
  target: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<void> => {
  let text = await readFile(join(EXAMPLES, file), 'utf8')
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`examples/${file} has no "${from}"`)
    text = text.replaceAll(from, to)
  }
  await writeFile(target, text)
}
