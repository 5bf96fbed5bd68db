/** The longest that the event loop stands still, for each input, beside pings and checks of the same run. */
import { type Summary, summarise } from '../run/stats.ts'
import type { Stillness } from '../servers/parts/stillness.ts'
import type { Input } from './inputs.ts'
import type { Rig } from './rig.ts'

export type Row = {
  readonly by: string
  readonly name: string
  /** Milliseconds, over the rounds: computed in one go, and by the clock. */
  readonly longest: Summary
  readonly clock: Summary
  /** Milliseconds that the slowest check took meanwhile. */
  readonly introspection: number
  /** How it was answered, in short. */
  readonly said: string
}

const AT_ONCE = 10
const PINGS = 500
/** Rounds before those that count: the first of a kind also compiles our own code. */
const WARM_UP = 2

export const measure = async (
  rig: Rig,
  inputs: readonly Input[],
  { rounds, say }: { readonly rounds: number; readonly say: (line: string) => void },
) => {
  await pings(rig)
  await rig.child.ask('watch')
  const before = await pings(rig)
  const idle = await rig.child.ask<Stillness>('longest')
  const rows: Row[] = []
  for (const input of inputs) {
    say(`${input.by}: ${input.name} …`)
    rows.push(await rowOf(rig, input, rounds))
  }
  const after = await pings(rig)
  return { ping: summarise([...before, ...after]).median, idle, rows }
}

// ---------------------------------------------------------------------------------------------

/** Milliseconds of pings, one after the other, by the device. */
const pings = async (rig: Rig): Promise<number[]> => {
  const line = await rig.line('device')
  const times: number[] = []
  for (let at = 0; at < PINGS; at++) {
    const began = performance.now()
    await line.call('core.ping')
    times.push(performance.now() - began)
  }
  line.close()
  return times
}

const rowOf = async (rig: Rig, input: Input, rounds: number): Promise<Row> => {
  const { ask, close } = await askerOf(rig, input)
  const blocks: Stillness[] = []
  let introspection = 0
  let said = ''
  for (let round = -WARM_UP; round < rounds; round++) {
    await rig.child.ask('watch')
    const flood = ask()
    let isOver = false
    const checks = checkUntil(rig, () => isOver)
    said = (await flood)[0] ?? ''
    isOver = true
    const slowest = await checks
    const block = await rig.child.ask<Stillness>('longest')
    if (round < 0) continue
    blocks.push(block)
    introspection = Math.max(introspection, slowest)
  }
  close()
  return {
    by: input.by,
    name: input.name,
    longest: summarise(blocks.map(({ clock, cpu }) => cpu ?? clock)),
    clock: summarise(blocks.map(({ clock }) => clock)),
    introspection,
    said: short(said),
  }
}

const askerOf = async (rig: Rig, input: Input) => {
  if ('frame' in input) {
    const { answers, close } = await rig.flood(input.by)
    return { ask: () => answers(Array.from({ length: AT_ONCE }, () => input.frame)), close }
  }
  const isForm = 'form' in input.body
  const body = 'form' in input.body ? input.body.form : JSON.stringify(input.body.json(rig.tokens))
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json'
  const ask = () =>
    Promise.all(Array.from({ length: AT_ONCE }, () => rig.post(input.path, input.by, body, type)))
  return { ask, close: () => {} }
}

/** Checks, one after the other. @returns the slowest, in milliseconds. */
const checkUntil = async (rig: Rig, isOver: () => boolean): Promise<number> => {
  const form = new URLSearchParams({ token: rig.tokens[0] ?? '' }).toString()
  let slowest = 0
  while (!isOver()) {
    const began = performance.now()
    await rig.post('/oauth2/introspect', 'device', form, 'application/x-www-form-urlencoded')
    slowest = Math.max(slowest, performance.now() - began)
  }
  return slowest
}

/** An error says why; a result is only that. */
const short = (answer: string): string => {
  const [, reason] =
    /"(?:reason|message|error_description)":"((?:[^"\\]|\\.){0,60})/.exec(
      answer.replace(/"message":"(?:Method call error|Invalid params)",/, ''),
    ) ?? []
  return reason ?? 'accepted'
}
