/** Where the picture stands, and how it gets there. */
import { join } from 'node:path'
import { replacePart } from '../marked.ts'
import { EVERYTHING, synthesised } from '../synthesised.ts'
import { edgesOf } from './edges.ts'
import { mermaid } from './mermaid.ts'

export const DOCUMENT = join(import.meta.dirname, '../../docs/architecture.md')

/** @returns the picture of a deployment with everything. */
export const drawn = async (): Promise<string> => {
  const [all, bare] = await Promise.all([synthesised(EVERYTHING), synthesised({})])
  const always = new Set(bare.resources.map(({ stack }) => stack))
  return mermaid([...edgesOf(all), ...edgesOf(bare)], always)
}

/** @throws Error when the document has no place for a picture. */
export const withPicture = (text: string, picture: string): string =>
  replacePart(text, 'picture', `\`\`\`mermaid\n${picture}\n\`\`\``)
