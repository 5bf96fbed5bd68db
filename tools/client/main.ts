/** `npm run client`: writes the types of the client anew, after changes of methods or events. */
import { writeFile } from 'node:fs/promises'
import { apiSource, FILE } from './api.ts'

await writeFile(FILE, apiSource())
