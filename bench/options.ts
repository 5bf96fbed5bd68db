/** What `npm run bench` can be told. */
import { parseArgs } from 'node:util'
import { UserError } from '../local/user-error.ts'
import { numberOf } from './program.ts'
import { GROUPS, type Group } from './run/subject.ts'

export const USAGE = `Usage: npm run bench -- [flags]

Measures checks beside their floors and their peers, in interleaved rounds, and writes
docs/benchmarks.md, .json and .svg. Half an hour, most of it for filling a table with a million keys.

Flags:
  --quick         few and short rounds, and 10 000 keys at the most: shows that all works, and no more.
                  Writes nothing, unless --out says where
  --rounds N      rounds, of which the median counts (5)
  --seconds N     how long each subject is measured in each round (5)
  --only GROUP    of ${GROUPS.join(', ')}; may be given more than once. Writes nothing, unless --out says where
  --sizes N,N,…   numbers of keys in the tables (100,10000,100000,1000000)
  --data FOLDER   keeps the filled tables there, for the next run; a file system in memory is quickest
  --out FOLDER    where the three files go (docs)
  --profile FOLDER
                  writes a CPU profile there of every process under test, and says where their time goes: for
                  reading, not for numbers
  -h, --help      prints this
`

export type Options = {
  readonly help: boolean
  readonly quick: boolean
  readonly rounds: number
  readonly seconds: number
  readonly warmUp: number
  readonly groups: readonly Group[]
  /** Numbers of keys in the tables. */
  readonly sizes: readonly number[]
  /** How many checks are counted. */
  readonly counted: number
  readonly data: string | null
  /** Null: nothing is written. */
  readonly out: string | null
  /** Where profiles go; null: none are made. */
  readonly profile: string | null
}

/** @throws UserError saying what can't be understood. */
export const parseOptions = (args: readonly string[]): Options => {
  const {
    help = false,
    quick = false,
    only,
    sizes,
    data,
    out,
    profile,
    ...numbers
  } = readFlags(args)
  const groups = only?.map(toGroup) ?? GROUPS
  const whole = !quick && groups.length === GROUPS.length
  return {
    help,
    quick,
    rounds: numberOf('rounds', numbers.rounds ?? (quick ? '2' : '5')),
    seconds: numberOf('seconds', numbers.seconds ?? (quick ? '1' : '5')),
    warmUp: quick ? 1 : 5,
    groups,
    sizes: sizes?.split(',').map((size) => numberOf('sizes', size)) ?? (quick ? FEW : MANY),
    counted: quick ? 500 : 10_000,
    data: data ?? null,
    out: out ?? (whole && profile === undefined ? 'docs' : null),
    profile: profile ?? null,
  }
}

// ---------------------------------------------------------------------------------------------

const readFlags = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        quick: { type: 'boolean' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        sizes: { type: 'string' },
        only: { type: 'string', multiple: true },
        data: { type: 'string' },
        out: { type: 'string' },
        profile: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  }
}

const FEW = [100, 10_000]
const MANY = [100, 10_000, 100_000, 1_000_000]

const toGroup = (name: string): Group => {
  const group = GROUPS.find((one) => one === name)
  if (group === undefined)
    throw new UserError(`--only takes one of ${GROUPS.join(', ')}; it is "${name}"`)
  return group
}
