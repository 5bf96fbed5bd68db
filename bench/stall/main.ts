/**
 * `npm run stall`: how long the service's event loop stands still at the most, for the worst that one with a device's key can ask,
 * ten at once, beside a ping of the same run. Fails where it is ten pings or more.
 */
import { parseArgs } from 'node:util'
import { chosenBy, numberOf, ownFolder, runProgram, say } from '../program.ts'
import { INPUTS } from './inputs.ts'
import { measure } from './measure.ts'
import { startRig } from './rig.ts'

/** An event loop that stands still for so many pings is one that others notice. */
const PINGS = 10

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '5' }, only: { type: 'string', default: '' } },
  })
  const rounds = numberOf('rounds', values.rounds)
  const inputs = chosenBy(values.only, INPUTS, ({ by, name }) => `${by}: ${name}`)
  const rig = await startRig(await ownFolder('stall'))
  const { ping, idle, rows } = await measure(rig, inputs, { rounds, say })
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
  const [worst] = rows
    .filter(({ by }) => by !== 'reader')
    .sort((one, other) => other.longest.high - one.longest.high)
  const isGood = worst === undefined || worst.longest.high < PINGS * ping
  process.stdout.write(
    [
      '| by | ten at once | longest block | of all rounds | by the clock | introspection | answer |',
      '| --- | --- | ---: | ---: | ---: | ---: | --- |',
      ...lines,
      '',
      `A ping takes ${ms(ping)} (median), ten of them ${ms(PINGS * ping)}; while nothing but pings comes, the longest block is ${ms(idle.cpu ?? idle.clock)}, by the clock ${ms(idle.clock)}.`,
      worst === undefined
        ? 'Nothing is promised about those who may list keys.'
        : `${isGood ? 'Good' : 'TOO LONG'}: the longest block is ${ms(worst.longest.high)} (${worst.name}).`,
      '',
    ].join('\n'),
  )
  process.exitCode = isGood ? 0 : 1
}

// ---------------------------------------------------------------------------------------------

const ms = (value: number): string => `${value.toFixed(1)} ms`

runProgram(main)
