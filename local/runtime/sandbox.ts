/**
 * One process of a function: Lambda's execution environment. It is spawned with an environment of its
 * own, works on one event at a time, and is killed when one takes too long. It never outlives us.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Outcome } from '../lambda.ts'
import type { Invocation, RuntimeApi } from './api.ts'
import { createToOurLog, followLines } from './log.ts'

/** Lambda gives a function this long to load, in milliseconds. */
const INIT_MS = 10_000
const PROGRAM = join(import.meta.dirname, 'bootstrap.mjs')

export type Program = {
  /** As it is named in messages. */
  readonly name: string
  /** Path of the node to run. */
  readonly node: string
  /** Options of node. */
  readonly flags: readonly string[]
  /** The folder of the bundle. */
  readonly root: string
  /** @param api value of AWS_LAMBDA_RUNTIME_API. */
  readonly environment: (api: string) => Readonly<Record<string, string>>
  /** Milliseconds that loading may take. Default: Lambda's 10 seconds. */
  readonly initMs?: number
}

export const startSandbox = (api: RuntimeApi, program: Program) => {
  const { name, node, flags, root, environment, initMs = INIT_MS } = program
  let settle: (failure: Outcome | null) => void = () => {}
  /** null when it asks for its first event; else why it never will. */
  const ready = new Promise<Outcome | null>((done) => {
    settle = done
  })
  const channel = api.open({
    onNext: () => settle(null),
    onInitError: (error) => settle({ kind: 'threw', error }),
  })
  const child = spawn(node, [...flags, PROGRAM], {
    cwd: root,
    env: environment(channel.address),
    // It sees by its standard input that we are gone. What it says is for our log.
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C at the terminal is for us alone to hand on.
    detached: true,
  })
  child.stdin.on('error', () => {})
  const toOurLog = createToOurLog(name)
  followLines(child.stdout, toOurLog)
  followLines(child.stderr, toOurLog)

  let alive = true
  const gone = new Promise<string>((done) => {
    const end = (how: string): void => {
      alive = false
      channel.close()
      done(how)
    }
    child.once('error', (error) => end(`could not be started (${error.message})`))
    child.once('exit', (code, signal) => end(`ended with ${signal ?? `exit code ${code}`}`))
  })
  const crash = (how: string): Outcome => ({
    kind: 'threw',
    error: { errorType: 'Runtime.ExitError', errorMessage: `The process of ${name} ${how}` },
  })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone
  }
  const slow = setTimeout(() => {
    settle({
      kind: 'threw',
      error: {
        errorType: 'Sandbox.Timedout',
        errorMessage: `${name} did not load within ${initMs} ms`,
      },
    })
    void kill()
  }, initMs)
  void ready.then(() => clearTimeout(slow))
  void gone.then((how) => settle(crash(how)))

  return {
    ready,
    /** Resolves, with how, when the process is no more. */
    gone,
    isAlive: () => alive,

    /** Works on one event. After a time-out or a crash the process is gone. Never rejects. */
    async run(invocation: Invocation): Promise<Outcome> {
      let timer: NodeJS.Timeout | undefined
      const tooLate = new Promise<Outcome>((done) => {
        timer = setTimeout(() => done({ kind: 'timedOut' }), invocation.deadline - Date.now())
      })
      const outcome = await Promise.race([channel.invoke(invocation), tooLate, gone.then(crash)])
      clearTimeout(timer)
      if (outcome.kind === 'timedOut') await kill()
      return outcome
    },

    kill,
  }
}

export type Sandbox = ReturnType<typeof startSandbox>
