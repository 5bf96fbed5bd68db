/**
 * `npm run stall`: how long the service's event loop stands still at the most, for the worst that one with a device's key can ask,
 * ten at once, beside a ping of the same run. Fails where it is ten pings or more.
 */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { INPUTS } from './inputs.ts'
import { measure } from './measure.ts'
import { startRig } from './rig.ts'

/** An event loop that stands still for so many pings is one that others notice. */
const PINGS = 10

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '5' }, only: { type: 'string', default: '' } },
  })
  const folder = await mkdtemp(join(tmpdir(), 'keyharbor-stall-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const rig = await startRig(folder)
  const inputs = INPUTS.filter(({ by, name }) => new RegExp(values.only).test(`${by}: ${name}`))
  const { ping, idle, rows } = await measure(rig, inputs, {
    rounds: Number(values.rounds),
    say: (line) => void process.stderr.write(`${line}\n`),
  })
  await rig.close()
  const lines = rows.map(({ by, name, longest, clock, introspection, said }) =>
    [
      '',
      by,
      name,
      ms(longest.median),
      ms(longest.high),
      ms(clock.high),
      ms(introspection),
      said,
      '',
    ]
      .join(' | ')
      .trim(),
  )
  // Who may list keys is shown beside; the promise is about those who may not.
  const weakest = rows.filter(({ by }) => by !== 'reader')
  const worst = weakest.reduce((one, other) =>
    other.longest.high > one.longest.high ? other : one,
  )
  const isGood = worst.longest.high < PINGS * ping
  process.stdout.write(
    [
      '| by | ten at once | longest block | of all rounds | by the clock | introspection | answer |',
      '| --- | --- | ---: | ---: | ---: | ---: | --- |',
      ...lines,
      '',
      `A ping takes ${ms(ping)} (median), ten of them ${ms(PINGS * ping)}; while nothing but pings comes, the longest block is ${ms(idle.cpu ?? idle.clock)}, by the clock ${ms(idle.clock)}.`,
      `${isGood ? 'Good' : 'TOO LONG'}: the longest block is ${ms(worst.longest.high)} (${worst.name}).`,
      '',
    ].join('\n'),
  )
  process.exitCode = isGood ? 0 : 1
}

// ---------------------------------------------------------------------------------------------

const ms = (value: number): string => `${value.toFixed(1)} ms`

process.on('SIGINT', () => process.exit(130))
process.on('SIGTERM', () => process.exit(143))

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    process.exit(1)
  },
)
