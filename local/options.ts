/** What `npm start` can be told, by flags and by the environment, parsed once. */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { CONNECTIONS_PER_ADDRESS } from './gateway/addresses.ts'
import { USAGE } from './usage.ts'
import { UserError } from './user-error.ts'

const port = (byDefault: number) =>
  z.coerce
    .number('must be a port number')
    .int('must be a port number')
    .min(0, 'must be 0 … 65535; 0 takes any free port')
    .max(65_535, 'must be 0 … 65535; 0 takes any free port')
    .default(byDefault)

const Variables = z.object({
  /** Port of https and wss. 0: any that is free. */
  PORT: port(8443),
  /** Port of plain http and ws. 0: any that is free. */
  HTTP_PORT: port(8080),
  /** Address that both listen on. */
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/, 'must be an address or a name of this machine')
    .default('127.0.0.1'),
  /** Folder of the data, made if it doesn't exist. */
  KEYHARBOR_DATA: z.string().default('.keyharbor'),
  /** Folder of the journal; `off`: none. Default: `journal` in the data folder. */
  KEYHARBOR_JOURNAL: z.string().optional(),
  /** How often the sweep runs. AWS's scheduler can't more often than each minute; here it can. */
  KEYHARBOR_SWEEP_SECONDS: z.coerce
    .number('must be a number of seconds')
    .int('must be a whole number of seconds')
    .min(1, 'must be 1 … 86400')
    .max(86_400, 'must be 1 … 86400')
    .default(1),
  /** Connections of one address; the rest is told to come later. */
  KEYHARBOR_CONNECTIONS_PER_ADDRESS: z.coerce
    .number('must be a number of connections')
    .int('must be a whole number of connections')
    .min(1, 'must be 1 … 1000000')
    .max(1_000_000, 'must be 1 … 1000000')
    .default(CONNECTIONS_PER_ADDRESS),
  /** "1" says each request and each socket in the log. */
  KEYHARBOR_ACCESS_LOG: z.enum(['0', '1'], 'must be 1 for on, or 0 for off').default('0'),
  /** Folder of the built site; `off`: none. */
  KEYHARBOR_SITE: z.string().optional(),
  /** Node.js that runs the bundles. */
  KEYHARBOR_NODE: z.string().optional(),
  /** Folder of a CDK assembly to run, as it is, instead of building one. */
  KEYHARBOR_ASSEMBLY: z.string().optional(),
  /** File of the AWS calls that the bundles make (`record/record.ts`). */
  KEYHARBOR_RECORD: z.string().optional(),
})

/** Variables that ask for what isn't done without the flag. */
const BUNDLED_ONLY = ['KEYHARBOR_ASSEMBLY', 'KEYHARBOR_RECORD'] as const

/** @throws UserError naming each variable that is wrong, or the flag that isn't known. */
export const parseOptions = (
  variables: Readonly<Record<string, string | undefined>>,
  flags: readonly string[] = [],
) => {
  const { bundled, help, isNew, resetAdmin, command } = parseFlags(flags)
  const given = Object.entries(variables).filter(([, value]) => value !== undefined && value !== '')
  const parsed = Variables.safeParse(Object.fromEntries(given))
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path: [name = ''], message }) => {
      return `${String(name)} ${message}; it is "${variables[String(name)]}"`
    })
    throw new UserError(wrong.join('. '))
  }
  const { PORT, HTTP_PORT, HOST, KEYHARBOR_DATA, KEYHARBOR_SWEEP_SECONDS } = parsed.data
  const { KEYHARBOR_JOURNAL } = parsed.data
  const { KEYHARBOR_NODE, KEYHARBOR_ASSEMBLY, KEYHARBOR_RECORD, KEYHARBOR_SITE } = parsed.data
  const idle = BUNDLED_ONLY.filter((name) => parsed.data[name] !== undefined)
  if (!bundled && idle.length > 0)
    throw new UserError(
      `${idle.join(' and ')} ${idle.length > 1 ? 'are' : 'is'} for "npm start -- --bundled": add the flag, or unset what is set`,
    )
  if (PORT === HTTP_PORT && PORT !== 0)
    throw new UserError(`PORT and HTTP_PORT are both ${PORT}: give one of them another number`)
  return {
    host: HOST,
    port: PORT,
    httpPort: HTTP_PORT,
    data: resolve(KEYHARBOR_DATA),
    /** Folder of the journal; null: none is kept. */
    journal:
      KEYHARBOR_JOURNAL === 'off'
        ? null
        : resolve(KEYHARBOR_JOURNAL ?? join(KEYHARBOR_DATA, 'journal')),
    sweepSeconds: KEYHARBOR_SWEEP_SECONDS,
    accessLog: parsed.data.KEYHARBOR_ACCESS_LOG === '1',
    connectionsPerAddress: parsed.data.KEYHARBOR_CONNECTIONS_PER_ADDRESS,
    /** Folder of the built site, or `off`; undefined: build it. */
    site:
      KEYHARBOR_SITE === 'off' || KEYHARBOR_SITE === undefined
        ? KEYHARBOR_SITE
        : resolve(KEYHARBOR_SITE),
    /** Runs the built bundles, each function in processes of its own. */
    bundled,
    node: KEYHARBOR_NODE,
    assembly: KEYHARBOR_ASSEMBLY && resolve(KEYHARBOR_ASSEMBLY),
    record: KEYHARBOR_RECORD && resolve(KEYHARBOR_RECORD),
    /** Sets aside what the data folder has, and begins anew. */
    isNew,
    /** Gives the first administrator a new password. */
    resetAdmin,
    /** What is done instead of a start, with which file; null: a start. */
    command,
    /** Wants to be told what there is, and nothing else. */
    help,
    /** Keeps the table in memory only. For tests. */
    memory: false,
  }
}

export type Options = ReturnType<typeof parseOptions>

// ---------------------------------------------------------------------------------------------

const parseFlags = (given: readonly string[]) => {
  try {
    const { values, positionals } = parseArgs({
      args: [...given],
      allowPositionals: true,
      options: {
        bundled: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        new: { type: 'boolean', default: false },
        'reset-admin': { type: 'boolean', default: false },
        'by-journal': { type: 'boolean', default: false },
        'end-all': { type: 'boolean', default: false },
        'as-it-was': { type: 'boolean', default: false },
      },
    })
    const { bundled, help, new: isNew, 'reset-admin': resetAdmin } = values
    if (isNew && resetAdmin)
      throw new Error('--new makes an administrator of its own: leave out --reset-admin')
    const [unknown = null, ...others] = UNKNOWN.filter((flag) => values[flag])
    if (others.length > 0) throw new Error('--by-journal, --end-all and --as-it-was: one of them')
    const command = commandOf(positionals, unknown)
    if (command !== null && (bundled || isNew || resetAdmin))
      throw new Error(`${command.name} starts nothing: leave out the flags`)
    return { bundled, help, isNew, resetAdmin, command }
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  }
}

const COMMANDS = ['backup', 'restore'] as const
/** What a restore does about endings that no newer table tells of. */
const UNKNOWN = ['by-journal', 'end-all', 'as-it-was'] as const
export type Unknown = (typeof UNKNOWN)[number]

/** @param unknown what a restore does about endings that it can't know. */
const commandOf = ([word, file, ...more]: readonly string[], unknown: Unknown | null) => {
  if (unknown !== null && word !== 'restore') throw new Error(`--${unknown} is for restore`)
  if (word === undefined) return null
  const name = COMMANDS.find((known) => known === word)
  if (name === undefined) throw new Error(`Unknown command '${word}'`)
  if (file === undefined || file === '' || more.length > 0)
    throw new Error(`${name} takes one file: npm start -- ${name} FILE`)
  return { name, file: resolve(file), unknown }
}
