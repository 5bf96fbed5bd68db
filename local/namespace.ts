/**
 * A network of its own for a program: Linux's network namespace, made by `unshare`. What listens on
 * loopback in there can be reached from in there alone, while files are the same.
 */
import { execFile } from 'node:child_process'
import { readlink } from 'node:fs/promises'
import { UserError } from './user-error.ts'

/** Runs a command line. @returns its output; rejects when it can't be run or fails. */
type Run = (command: string, args: readonly string[]) => Promise<string>

/** As root without a user namespace: in one, files of others would be out of reach. Short flags, which
 * busybox has too. */
const WAYS = [['-n'], ['-r', '-n']]
/** A new namespace has a loopback device, but it is down. */
const UP = '{ ip link set lo up || ifconfig lo up; } 2>/dev/null && exec "$@"'
const OURS = '/proc/self/ns/net'

/** What to put before a command line; null: nothing does it here. */
export type Namespace = readonly string[] | null

/**
 * @returns what to put before a command line; null where this machine doesn't let us: it isn't Linux, it
 * lacks the programs, or it forbids user namespaces.
 */
export const findNamespace = async (run: Run = output): Promise<Namespace> => {
  const ours = await readlink(OURS).catch(() => null)
  if (ours === null) return null
  for (const way of WAYS) {
    const [command, ...args] = ['unshare', ...way, '/bin/sh', '-c', UP, 'sh'] as const
    const inside = await run(command, [...args, 'readlink', OURS]).catch(() => '')
    if (/^net:\[\d+\]$/.test(inside.trim()) && inside.trim() !== ours) return [command, ...args]
  }
  return null
}

/**
 * What it means that there is none, in one line.
 * @param host that the service is to listen on.
 * @throws UserError unless that is loopback: such a service isn't for others.
 */
export const exposure = (host: string): string => {
  if (!isLoopback(host))
    throw new UserError(`HOST is ${host}, but only loopback will do: ${EXPOSED}`)
  return EXPOSED
}

// ---------------------------------------------------------------------------------------------

const output: Run = (command, args) =>
  new Promise((resolve, reject) => {
    execFile(command, [...args], { timeout: 5000 }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(error)
    })
  })

const EXPOSED =
  'every user of this machine is administrator of this service, for its DynamoDB can’t be closed to them without a network namespace: let "unshare -r -n true" work (util-linux, iproute2, user namespaces allowed), set AWS_ENDPOINT_URL_DYNAMODB to a DynamoDB of your own, or have no other users here'

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
