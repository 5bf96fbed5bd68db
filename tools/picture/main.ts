/** `npm run picture`: draws the deployment into docs/architecture.md, from what CDK synthesises. */
import { readFile, writeFile } from 'node:fs/promises'
import { DOCUMENT, drawn, withPicture } from './document.ts'

const before = await readFile(DOCUMENT, 'utf8')
const after = withPicture(before, await drawn())
if (after !== before) await writeFile(DOCUMENT, after)
process.stdout.write(`${DOCUMENT} ${after === before ? 'is up to date' : 'is drawn anew'}.\n`)
