/** (c) Peers doing the same work: is this credential good, and whose is it? Each in a process of its own,
 * over HTTP, set up in its favour. */
import { join } from 'node:path'
import { KEYS } from '../rig/tenant.ts'
import type { HttpRequest } from '../run/http-load.ts'
import type { Subject } from '../run/subject.ts'
import { FORM } from './callers.ts'
import { type Facts, httpSubject } from './http.ts'

/** @param folder for their databases. */
export const peers = (folder: string): Subject[] => [
  betterAuth('memory', 'SQLite in memory', ':memory:', []),
  betterAuth('wal', 'SQLite file, WAL, synchronous=NORMAL', join(folder, 'wal.db'), [
    'journal_mode = WAL',
    'synchronous = NORMAL',
  ]),
  betterAuth('file', 'SQLite file as it comes', join(folder, 'file.db'), []),
  httpSubject({
    id: 'oidc-provider',
    group: 'peers',
    label: 'oidc-provider, introspection, in-memory adapter',
    server: 'peer-oidc-provider',
    setup: { keys: KEYS },
    requests: async (_, facts) => {
      const { tokens = [], authorization } = facts as Facts & { authorization: string }
      return tokens.map((token) => ({
        method: 'POST',
        path: '/token/introspection',
        headers: { authorization, 'content-type': FORM },
        body: `token=${token}`,
      }))
    },
    isRight: isActive,
  }),
  httpSubject({
    id: 'prefixed-api-key',
    group: 'peers',
    label: 'prefixed-api-key, SQLite in memory',
    server: 'peer-prefixed-api-key',
    setup: { keys: KEYS },
    requests: verify,
    isRight: isActive,
  }),
  httpSubject({
    id: 'pbkdf2',
    group: 'peers',
    label: 'PBKDF2-SHA512, 500 000 rounds, as TrueNAS checks its own',
    server: 'peer-pbkdf2',
    // Each takes a fraction of a second to make.
    setup: { keys: 4 },
    amount: 32,
    requests: verify,
    isRight: isActive,
  }),
]

// ---------------------------------------------------------------------------------------------

const betterAuth = (
  name: string,
  label: string,
  file: string,
  pragmas: readonly string[],
): Subject =>
  httpSubject({
    id: `better-auth-${name}`,
    group: 'peers',
    label: `better-auth, API-key plugin, ${label}`,
    server: 'peer-better-auth',
    setup: { file, pragmas, keys: KEYS },
    requests: verify,
    isRight: isActive,
  })

const verify = async (_: string, { tokens = [] }: Facts): Promise<HttpRequest[]> =>
  tokens.map((key) => ({
    method: 'POST',
    path: '/verify',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key }),
  }))

function isActive(body: string): boolean {
  return body.includes('"active":true')
}
