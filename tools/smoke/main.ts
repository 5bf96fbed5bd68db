/** `npm run smoke`: does a deployment work, as its clients see it? */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { smoke } from './smoke.ts'

const USAGE = `Makes a key on a deployment, checks, resets, revokes and deletes it.

  KEYHARBOR_PASSWORD=… npm run smoke -- --http URL --sockets URL --user USER@TENANT [--ca FILE]

  --http URL        https://<host>, or the output HttpUrl
  --sockets URL     wss://<host>/api/current, or <SocketUrl>?version=current
  --user NAME       a FULL_ADMIN of the tenant, without a second factor
  --ca FILE         certificate to trust, where it is no public one
`

const { values } = parseArgs({
  options: {
    http: { type: 'string' },
    sockets: { type: 'string' },
    user: { type: 'string' },
    ca: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
const { http, sockets, user, ca, help } = values
const password = process.env.KEYHARBOR_PASSWORD
if (help) process.stdout.write(USAGE)
else if (!http || !sockets || !user || !password) {
  process.stderr.write(`Something is missing.\n\n${USAGE}`)
  process.exitCode = 1
} else {
  const target = { http: http.replace(/\/$/, ''), sockets, user, password }
  const trust = ca === undefined ? {} : { ca: await readFile(ca, 'utf8') }
  await smoke({ ...target, ...trust }, (step) => process.stdout.write(`ok  ${step}\n`)).catch(
    (error: unknown) => {
      process.stderr.write(`not ok  ${error instanceof Error ? error.message : error}\n`)
      process.exitCode = 1
    },
  )
}
