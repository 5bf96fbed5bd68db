/** The machine that was measured on, and what ran on it. */
import { readFile } from 'node:fs/promises'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'

export type Machine = {
  readonly at: string
  readonly cpu: string
  readonly cores: number
  readonly gigabytes: number
  readonly system: string
  readonly node: string
  /** By package. */
  readonly versions: Readonly<Record<string, string>>
}

const PACKAGES = [
  'hono',
  '@hono/node-server',
  'autocannon',
  'better-auth',
  '@better-auth/api-key',
  'better-sqlite3',
  'oidc-provider',
  'prefixed-api-key',
]
/** Of the product's own. */
const OURS = ['@aws-sdk/client-dynamodb', '@dynoxide/linux-x64', 'ws']

export const describeMachine = async (): Promise<Machine> => ({
  at: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  gigabytes: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
  node: process.version,
  versions: Object.fromEntries([
    ...(await versionsOf(PACKAGES, join(import.meta.dirname, '..'))),
    ...(await versionsOf(OURS, join(import.meta.dirname, '../..'))),
  ]),
})

export const machineText = ({ at, cpu, cores, gigabytes, system, node, versions }: Machine) =>
  [
    `Measured on ${at}: ${cores} cores (${cpu}), ${gigabytes} GB, ${system}, Node.js ${node}.`,
    `With ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
  ].join('\n')

// ---------------------------------------------------------------------------------------------

const versionsOf = (names: readonly string[], folder: string): Promise<[string, string][]> =>
  Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const file = join(folder, 'node_modules', name, 'package.json')
      const text = await readFile(file, 'utf8').catch(() => '{"version":"not installed"}')
      return [name, JSON.parse(text).version]
    }),
  )
