/** The three files of a run: the document, whose words are in `template.md`, its numbers and its picture. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replacePart } from '../../tools/marked.ts'
import { picture } from './picture.ts'
import { promises } from './ratios.ts'
import type { Result } from './result.ts'
import { tables } from './tables.ts'

const TEMPLATE = join(import.meta.dirname, '../template.md')

export const fillTemplate = (template: string, result: Result): string => {
  let text = template
  for (const [name, part] of Object.entries(tables(result, promises(result))))
    text = replacePart(text, name, part || 'Not measured.')
  return text
}

/** @param folder is made if it isn't there. */
export const writeDocument = async (folder: string, result: Result): Promise<void> => {
  await mkdir(folder, { recursive: true })
  const text = fillTemplate(await readFile(TEMPLATE, 'utf8'), result)
  await writeFile(join(folder, 'benchmarks.md'), text)
  const found = { ...result, promises: promises(result) }
  await writeFile(join(folder, 'benchmarks.json'), `${JSON.stringify(found, null, 2)}\n`)
  await writeFile(join(folder, 'benchmarks.svg'), picture(result))
}

/** The same tables for a terminal, those that have something in them. */
export const terminalText = (result: Result): string => {
  const { machine, ...parts } = tables(result, promises(result))
  const filled = Object.entries(parts).filter(([, part]) => part !== '')
  return [machine, ...filled.map(([name, part]) => `${name}:\n\n${part}`)].join('\n\n')
}
