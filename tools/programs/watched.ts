/** Processes that never outlive us, with all that they start: not after Ctrl-C, and not when we are killed. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import type { Socket } from 'node:net'

type How = Pick<SpawnOptions, 'cwd' | 'env'> & {
  /** Its three streams, as `spawn` takes them. */
  readonly stdio: readonly ('ignore' | 'inherit' | 'pipe' | number)[]
}

/** Starts a program as leader of a process group of its own. */
export const spawnWatched = (
  command: string,
  args: readonly string[],
  { stdio, ...how }: How,
): ChildProcess => {
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', command, ...args], {
    ...how,
    stdio: [...stdio, 'pipe', 'pipe'],
    // Ctrl-C at the terminal is for us alone to hand on.
    detached: true,
  })
  // What the program has started ends with it.
  child.once('exit', () => child.stdio[3]?.destroy())
  ;(child.stdio[4] as Socket).resume()
  return child
}

/** Ends the program and its whole group. Returns when nobody of it is left. */
export const endWatched = async (child: ChildProcess): Promise<void> => {
  child.stdio[3]?.destroy()
  // The last of the group holds the other end.
  const watcher = child.stdio[4] as Socket
  if (!watcher.closed) await new Promise((done) => watcher.once('close', done))
}

/** Exit code of a program that isn't there (POSIX, "Exit Status for Commands"). */
export const NOT_FOUND = 127

// ---------------------------------------------------------------------------------------------

/** How often the watcher looks whether the program has ended, and pauses of 0.1 s in between. */
const LOOKS = 80

/**
 * The shell leaves a watcher that waits for the end of a pipe from us, then becomes the program. However we
 * end, the pipe does too: the watcher asks the group to end, and ends it, itself included. As long as it is in
 * the group, nobody else gets the group's number.
 */
const WATCHED = `(
  trap "" TERM INT HUP
  cat <&3
  kill -TERM -$$
  looks=0
  while kill -0 $$ && [ $looks -lt ${LOOKS} ]; do sleep 0.1; looks=$((looks + 1)); done
  kill -KILL -$$
) >/dev/null 2>&1 &
exec "$@" 3<&- 4>&-`
