/** Functions in processes of their own: who works on what, and what becomes of those that fail. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../local/lambda.ts'
import { hushed, until } from '../kit.ts'
import { poolOf } from './kit.ts'

const value = (outcome: Outcome): unknown => (outcome.kind === 'returned' ? outcome.value : outcome)
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
/** Says that it works, until the test makes a file; and never on two events at once. */
const GATED = `
  import { existsSync, writeFileSync } from 'node:fs'
  let busy = 0
  export const handler = async () => {
    if (++busy > 1) throw new Error('two events at once')
    writeFileSync('busy.' + process.pid, '')
    while (!existsSync('open')) await new Promise((go) => setTimeout(go, 5))
    busy--
    return process.pid
  }`
const PID = 'export const handler = async () => process.pid'

describe('events', () => {
  it('go to one process for as long as it is free', async () => {
    const { invoke, size } = await poolOf(PID)
    const first = value(await invoke({}))
    expect(value(await invoke({}))).toBe(first)
    expect(size()).toBe(1)
  })

  it('that come at once go to new processes, up to a bound, and then wait', async () => {
    const { invoke, size, root } = await poolOf(GATED, { most: 2 })
    const outcomes = [1, 2, 3, 4, 5].map(invoke)
    const busy = async () => (await readdir(root)).filter((name) => name.startsWith('busy'))
    await until(async () => (await busy()).length === 2)
    await writeFile(join(root, 'open'), '')
    const pids = (await Promise.all(outcomes)).map(value)
    expect(pids).toHaveLength(5)
    expect(new Set(pids).size).toBe(2)
    expect(size()).toBe(2)
  })

  it('that wait too long for a process time out, and run nowhere', async () => {
    const said = hushed()
    const done: string[] = []
    const { invoke } = await poolOf(GATED, {
      most: 1,
      seconds: 0.3,
      onDone: (kind) => done.push(kind),
    })
    const outcomes = await Promise.all([1, 2, 3].map(invoke))
    expect(outcomes.map(({ kind }) => kind)).toEqual(['timedOut', 'timedOut', 'timedOut'])
    expect(done.length).toBeLessThan(3)
    expect(said.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({
        message: 'a function took too long',
        function: 'Echo',
        seconds: 0.3,
      }),
    )
  })
})

describe('a handler', () => {
  it('finds its event, its context and its environment, and no other variable', async () => {
    const { invoke, root } = await poolOf(`export const handler = async (event, context) => ({
      event, context, left: context.getRemainingTimeInMillis(), env: { ...process.env } })`)
    const { event, context, left, env } = value(await invoke({ ä: [1, null] })) as never as {
      event: unknown
      context: Record<string, unknown>
      left: number
      env: Record<string, string>
    }
    expect(event).toEqual({ ä: [1, null] })
    expect(context).toMatchObject({
      functionName: 'echo',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:echo',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(left).toBeGreaterThan(5000)
    expect(left).toBeLessThanOrEqual(10_000)
    const { AWS_LAMBDA_RUNTIME_API, _X_AMZN_TRACE_ID, ...rest } = env
    expect(AWS_LAMBDA_RUNTIME_API).toMatch(/^127\.0\.0\.1:\d+\//)
    expect(_X_AMZN_TRACE_ID).toMatch(/^Root=1-/)
    expect(rest).toEqual({
      AWS_LAMBDA_FUNCTION_NAME: 'echo',
      LAMBDA_TASK_ROOT: root,
      _HANDLER: 'index.handler',
    })
  })

  it('that returns nothing returns null', async () => {
    const { invoke } = await poolOf('export const handler = () => {}')
    expect(await invoke({})).toEqual({ kind: 'returned', value: null })
  })

  it('that throws keeps its process, and what it threw is told', async () => {
    const said = hushed()
    const { invoke, size } = await poolOf(`export const handler = async (how) => {
      if (how === 'text') throw 'plain'
      if (how === 'error') throw new TypeError('not so')
      return process.pid }`)
    expect(await invoke('error')).toMatchObject({
      kind: 'threw',
      error: { errorType: 'TypeError', errorMessage: 'not so' },
    })
    expect(await invoke('text')).toMatchObject({ error: { errorMessage: 'plain' } })
    expect(await invoke('')).toMatchObject({ kind: 'returned' })
    expect(size()).toBe(1)
    expect(JSON.parse(said[0] ?? '')).toMatchObject({
      message: 'a function threw',
      function: 'Echo',
      error: { errorMessage: 'not so' },
    })
  })

  it('cannot answer with more than Lambda takes', async () => {
    hushed()
    const { invoke } = await poolOf(`export const handler = async (size) => 'x'.repeat(size)`)
    expect(await invoke(7 * 1024 * 1024)).toMatchObject({
      kind: 'threw',
      error: { errorType: 'Function.ResponseSizeTooLarge' },
    })
    expect(value(await invoke(2))).toBe('xx')
  })

  it('writes to our log, whole lines, without metrics', async () => {
    const said = hushed()
    const { invoke } = await poolOf(`export const handler = async () => {
      console.log('{"_aws":{}}'); process.stdout.write('in '); process.stdout.write('parts\\n')
      console.error('{"and":"again"}'); process.stdout.write('last'); setTimeout(() => process.exit(), 5) }`)
    await invoke({})
    await until(() => said.length === 3)
    const lines = said.map((line) => JSON.parse(line))
    expect(lines.map(({ message, and }) => message ?? and).sort()).toEqual([
      'again',
      'in parts',
      'last',
    ])
    for (const line of lines) expect(line.and === 'again' || line.function === 'Echo').toBe(true)
  })
})

describe('a process', () => {
  it('is killed when an event takes too long, and another takes its place', async () => {
    hushed()
    const { invoke } = await poolOf(
      `const nobody = new Int32Array(new SharedArrayBuffer(4))
       export const handler = async (hang) => hang ? Atomics.wait(nobody, 0, 0) : process.pid`,
      { seconds: 3 },
    )
    const first = value(await invoke(false)) as number
    expect(await invoke(true)).toEqual({ kind: 'timedOut' })
    expect(alive(first)).toBe(false)
    expect(value(await invoke(false))).not.toBe(first)
  })

  it('that ends while it works fails its event, and no other', async () => {
    hushed()
    const { invoke } = await poolOf(
      `export const handler = async (code) => { if (code) process.exit(code); return process.pid }`,
    )
    expect(await invoke(3)).toMatchObject({
      kind: 'threw',
      error: {
        errorType: 'Runtime.ExitError',
        errorMessage: 'The process of Echo ended with exit code 3',
      },
    })
    expect(await invoke(0)).toMatchObject({ kind: 'returned' })
  })

  it('that ends while it is idle is replaced', async () => {
    const { invoke, size } = await poolOf(PID)
    const first = value(await invoke({})) as number
    process.kill(first, 'SIGKILL')
    await until(() => size() === 0)
    expect(value(await invoke({}))).not.toBe(first)
  })

  it('is gone when its pool is closed', async () => {
    const { invoke, close } = await poolOf(PID)
    const pid = value(await invoke({})) as number
    await close()
    expect(alive(pid)).toBe(false)
  })
})
