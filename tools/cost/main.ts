/** `npm run cost`: counts what activities ask of AWS, and computes docs/cost.md from that. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startProcess } from '../programs/service.ts'
import { count } from './count.ts'
import { COUNTED, DOCUMENT, withCosts } from './document.ts'

const HELP = `npm run cost: counts calls on the bundles, a minute, and writes docs/cost.md anew. It measures milliseconds too:
of a quiet machine, or they are too many.

  --tables   counts nothing: after changes of prices, or of what a deployment has (alarms, keys, memory)
`

const { values } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' }, tables: { type: 'boolean' } },
})
if (values.help) {
  process.stdout.write(HELP)
  process.exit()
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const countAnew = async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-cost-'))
  const record = join(folder, 'record')
  try {
    say('Starting the bundles …')
    const running = await startProcess(join(folder, 'data'), {
      flags: ['--bundled'],
      variables: { KEYHARBOR_RECORD: record },
    })
    try {
      say('Counting, half a minute …')
      const { https, wss, operatorToken, ca } = running.bootstrap
      const target = { https, wss, operatorToken, ca: await readFile(ca, 'utf8') }
      await writeFile(COUNTED, `${JSON.stringify(await count(target, record), null, 2)}\n`)
    } finally {
      await running.stop()
    }
    say(COUNTED)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

if (!values.tables) await countAnew()
await writeFile(DOCUMENT, await withCosts(await readFile(DOCUMENT, 'utf8')))
say(DOCUMENT)
