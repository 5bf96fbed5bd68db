/** `npm run bench`: checks beside their floors and their peers, in one run. */
import { resolve } from 'node:path'
import { ensureInstalled } from './install.ts'
import { parseOptions, USAGE } from './options.ts'
import { ownFolder, runProgram, say } from './program.ts'

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
  const result = await run(await ownFolder('bench'), options, say)
  process.stdout.write(`${terminalText(result)}\n`)
  if (options.out !== null) await writeDocument(resolve(options.out), result)
}

runProgram(main)
