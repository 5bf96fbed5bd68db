/** For `watched.test.ts`: a script that keeps a server running, which has a child of its own. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, serve } from '../../tools/programs/program.ts'
import { script } from '../../tools/programs/tell.ts'

const SERVER = `
const child = require('node:child_process').spawn('sleep', ['600'])
const pids = JSON.stringify([process.pid, child.pid])
// Slow to go, as an emulator is.
process.on('SIGTERM', () => setTimeout(process.exit, 300))
require('node:http').createServer((_, response) => response.end(pids)).listen(process.argv[1], '127.0.0.1')
`

void script(async (closers) => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const log = join(mkdtempSync(join(tmpdir(), 'keyharbor-keeper-')), 'log')
  await serve(closers, process.execPath, ['-e', SERVER, String(port)], { url, log })
  process.stdout.write(`up at ${url}\n`)
  return new Promise(() => {})
})
