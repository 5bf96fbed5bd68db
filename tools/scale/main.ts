/** `npm run scale`: what lists and searches cost in tenants of 10 000 and 100 000 keys. */

import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { replacePart } from '../marked.ts'
import { getChromium } from '../programs/chromium.ts'
import { measureCalls } from './calls.ts'
import { measurePage } from './page.ts'
import { startRig } from './rig.ts'
import { seed } from './seed.ts'
import { callsTable, pageTable } from './tables.ts'
import { countReads } from './units.ts'

const DOCUMENT = join(import.meta.dirname, '../../docs/portal.md')

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    dry: { type: 'boolean' },
    sizes: { type: 'string', default: '10000,100000' },
  },
})
if (values.help) {
  process.stdout.write(
    'npm run scale: fills a tenant with 10 000, then 100 000 keys, measures lists and searches, and writes docs/portal.md anew. Some minutes.\n  -- --dry            leaves the document alone\n  -- --sizes 1000,5000  other numbers of keys\n',
  )
  process.exit()
}
const sizes = values.sizes.split(',').map(Number)
if (!sizes.every((size) => Number.isInteger(size) && size > 0)) {
  process.stderr.write(`--sizes takes whole numbers, as 1000,5000; it is "${values.sizes}"\n`)
  process.exit(1)
}
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const chromium = getChromium()
if (!('path' in chromium)) say(chromium.missing)
const reads = countReads()
const rig = await startRig()
const parts: string[] = []
try {
  const [first] = await rig.client.rows('api_key.query', [], { limit: 1 })
  const tenant = Math.floor((first?.id ?? 0) / 1e9)
  let made = 100
  for (const size of sizes) {
    say(`Making ${size} keys …`)
    let told = 0
    const began = performance.now()
    await rig.whileSeeding(() =>
      seed(tenant, { from: made, to: size + 100 }, (count) => {
        if (count - told < 10_000) return
        told = count
        say(`  ${count}`)
      }),
    )
    say(`  in ${Math.round((performance.now() - began) / 1000)} s`)
    made = size + 100
    say(`Measuring …`)
    if ('path' in chromium) {
      const page = pageTable(await measurePage(chromium.path, rig.known))
      say(`${page}\n`)
      parts.push(page)
    }
    const table = callsTable(size, await measureCalls(rig.client, reads, size))
    say(`${table}\n`)
    parts.push(table)
  }
} finally {
  await rig.close()
}
const [cpu] = cpus()
parts.push(
  `Measured on ${cpus().length} cores (${cpu?.model}), Node.js ${process.version}, one process, by \`npm run scale\`.`,
)
if (!values.dry)
  await writeFile(
    DOCUMENT,
    replacePart(await readFile(DOCUMENT, 'utf8'), 'scale', parts.join('\n\n')),
  )
