/** `npm run bench`: checks beside their floors and their peers, in one run. */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { messageOf, Trouble } from '../local/trouble.ts'
import { ensureInstalled } from './install.ts'
import { parseOptions, USAGE } from './options.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) {
    process.stdout.write(USAGE)
    return
  }
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  await ensureInstalled(say)
  // Loaded here: some of it needs what was just installed.
  const { run } = await import('./whole.ts')
  const { terminalText, writeDocument } = await import('./report/document.ts')
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const result = await run(folder, options, say)
  process.stdout.write(`${terminalText(result)}\n`)
  if (options.out !== null) await writeDocument(resolve(options.out), result)
}

// ---------------------------------------------------------------------------------------------

/** What runs under test ends with this process, whatever ends it. */
process.on('SIGINT', () => process.exit(130))
process.on('SIGTERM', () => process.exit(143))

main().then(
  () => process.exit(),
  (error: unknown) => {
    const known = error instanceof Trouble
    const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : ''
    say(known ? error.message : `${error instanceof Error ? error.stack : error}${cause}`)
    process.exit(1)
  },
)
