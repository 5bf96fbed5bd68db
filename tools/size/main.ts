/**
 * `npm run size`: how big each function's bundle is and how fast it starts, beside what it can't go
 * under, and whether that is what is promised. Bundles are those of the CDK app, built anew.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findNode } from '../../local/runtime/node.ts'
import { messageOf, UserError } from '../../local/user-error.ts'
import { buildBare } from './bare.ts'
import { buildFunctions } from './functions.ts'
import { brokenPromises, table } from './report.ts'
import { measureSize, type Subject } from './size.ts'
import { measureStarts } from './start.ts'

const USAGE = `npm run size [-- flags]

Prints size and start-up time of each function's bundle, beside a bare hono handler and a bare DynamoDB
client, built in the same way and measured in the same run. Fails when a promise is broken.

  --node PATH    the Node.js to start them with (default: the 24 of Lambda, if "npm run node24" got it)
  --rounds N     fresh processes for each bundle, of which the median counts (default: 20)
  --json         for machines
  --help         this`

const main = async (): Promise<void> => {
  const flags = read(process.argv.slice(2))
  if (flags.help) return print(USAGE)
  const node = findNode(flags.node, '--node')
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-size-'))
  try {
    progress('Building the bundles …')
    const subjects: Subject[] = [
      ...(await buildFunctions(join(folder, 'assembly'))),
      ...(await buildBare(join(folder, 'bare'))),
    ]
    progress(`Starting each ${flags.rounds} times under Node.js ${node.version} …`)
    const starts = await measureStarts(node.path, subjects, flags.rounds)
    const rows = await Promise.all(
      subjects.map(async (subject, at) => ({
        name: subject.name,
        kind: subject.kind,
        ...(await measureSize(subject)),
        ...(starts[at] ?? { milliseconds: Number.NaN, least: Number.NaN }),
      })),
    )
    const broken = brokenPromises(rows)
    const { path, version, advice } = node
    if (flags.json)
      print(JSON.stringify({ node: { path, version }, rounds: flags.rounds, rows, broken }))
    else print(`${table(rows)}\n\nNode.js ${version}, median of ${flags.rounds}.`)
    if (advice !== null) progress(advice)
    for (const line of broken) progress(line)
    if (broken.length > 0) process.exitCode = 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const read = (args: string[]) => {
  try {
    const { values } = parseArgs({
      args,
      options: {
        node: { type: 'string' },
        rounds: { type: 'string', default: '20' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const rounds = Number(values.rounds)
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes 1 or more')
    return { ...values, rounds }
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const progress = (text: string): void => void process.stderr.write(`${text}\n`)

main().catch((error: unknown) => {
  const unexpected = error instanceof Error ? error.stack : messageOf(error)
  progress(error instanceof UserError ? error.message : String(unexpected))
  process.exitCode = 1
})
