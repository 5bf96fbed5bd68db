/** A process under test: started, asked, and ended by its number. It ends with us, however we end. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Answer, Question } from './protocol.ts'

export type Child = ReturnType<typeof startChild>

type How = {
  /** What its profile is called; without, Node.js finds a name. */
  readonly name?: string
  /** All that its process has for an environment, beside the path. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Processes that are started from now on write a CPU profile into a folder when they end; null: none. */
export const profileInto = (folder: string | null): void => {
  profiles = folder
}

/** @param module what it runs: a bundle, or a source, which is run as `npm start` runs its own. */
export const startChild = (module: string, { name, environment = {} }: How = {}) => {
  const child: ChildProcess = fork(module, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...QUIET, ...environment },
    execArgv: [...(module.endsWith('.ts') ? ['--import', 'tsx'] : []), ...profiling(name)],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (e: Error) => void }>()
  let next = 0
  child.on('message', (message) => {
    const answer = message as Answer
    const waiter = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) waiter?.reject(new Error(answer.error))
    else waiter?.resolve(answer.result as never)
  })
  const ended = new Promise<void>((done) => {
    child.once('exit', (code) => {
      for (const { reject } of waiting.values()) reject(new Error(`${module} ended with ${code}`))
      waiting.clear()
      done()
    })
  })
  return {
    /** @throws Error with what the child says went wrong. */
    ask<T>(method: string, argument: unknown = null): Promise<T> {
      const id = ++next
      return new Promise<T>((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        child.send({ id, method, argument } satisfies Question, (error) => {
          if (error) reject(error)
        })
      })
    },
    /** Microseconds of CPU that it has used since it was started, by all its threads. */
    cpu(): Promise<number> {
      return this.ask<number>('cpu')
    },
    async stop(): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.disconnect()
      const hurry = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await ended
      clearTimeout(hurry)
    },
  }
}

// ---------------------------------------------------------------------------------------------

const ROOT = join(import.meta.dirname, '../..')

let profiles: string | null = null

const profiling = (name: string | undefined): string[] =>
  profiles === null
    ? []
    : [
        ...['--cpu-prof', '--cpu-prof-dir', profiles],
        ...(name === undefined ? [] : ['--cpu-prof-name', `${name}.cpuprofile`]),
      ]

/** The pinned SDK still runs on this Node.js, and metrics would be lines on a terminal. */
const QUIET = {
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  POWERTOOLS_METRICS_DISABLED: 'true',
}
