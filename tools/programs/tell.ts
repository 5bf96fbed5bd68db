/** What the scripts say: lines of progress, and reasons to stop that the person can mend. */
import { UserError } from '../../local/user-error.ts'

const began = Date.now()

export const tell = (line: string): void => {
  const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(6)
  process.stdout.write(`${seconds} s  ${line}\n`)
}

/** Runs a script to its exit code. What it has opened is closed however it ends, Ctrl-C included. */
export const script = async (run: (closers: Closers) => Promise<number>): Promise<void> => {
  const closers = createClosers()
  // The reader of what is said may go: that must not keep us from cleaning up.
  process.stdout.on('error', () => {})
  const interrupt = (by: string): void => {
    // A second press doesn't wait for what hangs.
    if (closers.closing()) process.exit(130)
    tell(`${by}: cleaning up`)
    void closers.close().then(() => process.exit(130))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  if (process.env.npm_lifecycle_event !== undefined)
    followParent(() => closers.closing() || interrupt('npm is gone'))
  let code = 1
  try {
    code = await run(closers)
  } catch (error) {
    const known = error instanceof UserError
    if (!closers.closing())
      process.stderr.write(
        `${known ? error.message : error instanceof Error ? error.stack : error}\n`,
      )
  }
  await closers.close()
  process.exit(code)
}

export type Closers = ReturnType<typeof createClosers>

// ---------------------------------------------------------------------------------------------

/** npm that is killed tells nobody: without a look at the parent we would go on, unseen. */
const followParent = (onGone: () => void): void => {
  const parent = process.ppid
  setInterval(() => process.ppid === parent || onGone(), 500).unref()
}

export const createClosers = () => {
  const stack: (() => unknown)[] = []
  let closing: Promise<void> | undefined
  return {
    /** What is closed in the end, the last first; at once if the end has begun. */
    add(closer: () => unknown): void {
      if (closing === undefined) stack.push(closer)
      else void Promise.resolve(closer()).catch(() => {})
    },
    closing: (): boolean => closing !== undefined,
    close(): Promise<void> {
      closing ??= (async () => {
        for (const closer of stack.reverse())
          await Promise.resolve(closer()).catch((error: unknown) => tell(`Cleaning up: ${error}`))
      })()
      return closing
    },
  }
}
