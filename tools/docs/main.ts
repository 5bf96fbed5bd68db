/** `npm run docs`: writes the API documentation into `dist/site`, or the folder that is named. */
import { join } from 'node:path'
import { writeDocs } from './write.ts'

const folder = process.argv[2] ?? join(import.meta.dirname, '../../dist/site')
await writeDocs(folder)
process.stdout.write(`${join(folder, 'api/docs')} is written.\n`)
