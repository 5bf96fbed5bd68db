/** `npm start`: the whole service in one terminal, until Ctrl-C. What can be mended is said in one
 * line, and the exit code is 1. */
import { banner } from './banner.ts'
import type { Cloud } from './cloud.ts'
import { log } from './log.ts'
import { parseOptions } from './options.ts'
import { startSite } from './site.ts'
import { USAGE } from './usage.ts'
import { messageOf, UserError } from './user-error.ts'

/** A stop that takes longer isn't clean any more; nothing is lost by it. Calls under way have ten seconds of it. */
const STOP_MS = 20_000
/** One Ctrl-C may come twice: from the terminal, and handed on by npm or tsx. */
const SAME_PRESS_MS = 300

const began = Date.now() - process.uptime() * 1000
let cloud: Cloud | undefined
let stopping: number | undefined

const fail = (error: unknown): void => {
  if (error instanceof UserError) process.stderr.write(`${error.message}\n`)
  else log.error('a defect ends the service', error)
  process.exitCode = 1
}

const stop = async (): Promise<void> => {
  if (stopping !== undefined) {
    if (Date.now() - stopping > SAME_PRESS_MS) process.exit(1)
    return
  }
  stopping = Date.now()
  // Not up yet: nobody was told that it is, and what runs of it ends with us.
  if (cloud === undefined) process.exit()
  setTimeout(() => process.exit(1), STOP_MS).unref()
  try {
    await cloud.close()
  } catch (error) {
    fail(error)
  }
  process.exit()
}

const main = async (): Promise<void> => {
  // The lock file pins a version of the SDK that still runs on this Node.js.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const options = parseOptions(process.env, process.argv.slice(2))
  if (options.help) {
    process.stdout.write(`${USAGE}\n`)
    return
  }
  if (options.command !== null) {
    const { runCommand } = await import('./backup/command.ts')
    process.stdout.write(`${await runCommand(options.command, options)}\n`)
    return
  }
  // Loaded here: a wrong option is said at once.
  const site = startSite(options.site)
  if (site !== null) process.on('exit', site.close)
  let isBuilt = false
  site?.folder.then(
    () => {
      isBuilt = true
    },
    (error: unknown) => process.stderr.write(`${messageOf(error)}\n`),
  )
  const { startCloud } = await import('./cloud.ts')
  cloud = await startCloud(options, { ...(site && { site: site.folder }) })
  const pages = site === null ? 'none' : isBuilt ? 'there' : 'coming'
  process.stdout.write(banner(cloud, pages, ((Date.now() - began) / 1000).toFixed(1)))
  for (const note of cloud.notes) process.stderr.write(`${note}\n`)
  if (cloud.warning !== null) process.stderr.write(`Beware: ${cloud.warning}.\n`)
  if (process.env.KEYHARBOR_ALLOW_INSECURE === '1')
    process.stdout.write(
      'Keys that are used over plain http or ws are left alone (KEYHARBOR_ALLOW_INSECURE=1): for test rigs only.\n',
    )
  cloud.lost.then((reason) => {
    if (stopping !== undefined) return
    process.stderr.write(`Keyharbor stops: ${reason}\n`)
    process.exitCode = 1
    return stop()
  })
}

/** npm that is killed tells nobody: without a look at the parent we would stay behind, unseen. */
const followParent = (): void => {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent && stopping === undefined) void stop()
  }, 500).unref()
}

if (process.env.npm_lifecycle_event !== undefined) followParent()
// What is written here, by others that we start too, is the owner's alone.
process.umask(0o077)
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
process.on('SIGHUP', stop)
// `npm start | head` must not end the service.
process.stdout.on('error', () => {})
// In Lambda one broken call would end one environment of many; here it would end them all.
process.on('unhandledRejection', (reason) => {
  log.error('nobody handled a rejection', reason)
})
process.on('uncaughtException', (error) => {
  log.error('a defect ends the service', error)
  process.exit(1)
})

main().catch((error: unknown) => {
  fail(error)
  process.exit()
})
