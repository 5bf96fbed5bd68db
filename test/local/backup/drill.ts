/** A restore drill on the running service: what ended after a backup stays ended when the backup is restored. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type Rpc } from '../../../local/client.ts'
import { atOnce } from '../../../shared/domain/at-once.ts'
import { startProcess } from '../../../tools/programs/service.ts'

const MAIN = join(import.meta.dirname, '../../../local/main.ts')
const AT_ONCE = 8

/** `npm start` with arguments that end it. */
export const runCommand = (data: string, args: readonly string[]) =>
  new Promise<{ code: number; out: string; err: string }>((done) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', MAIN, ...args],
      { env: { ...process.env, KEYHARBOR_DATA: data } },
      (_, out, err) => done({ code: child.exitCode ?? -1, out, err }),
    )
  })

type Key = { readonly id: number; readonly user: number; key: string }
type Size = Readonly<Record<'keys' | 'users' | 'revoked' | 'reset' | 'demoted' | 'locked', number>>

export const start = (data: string) =>
  startProcess(data, { variables: { KEYHARBOR_TABLE: 'keyharbor' } })
type Running = Awaited<ReturnType<typeof start>>

export const open = async ({ bootstrap: { wss, ca } }: Running): Promise<Rpc> =>
  connect(wss, { ca: await readFile(ca, 'utf8') })

export const login = (
  rpc: Rpc,
  username: string,
  password: string,
): Promise<{ response_type: string }> =>
  rpc.call('auth.login_ex', {
    mechanism: 'PASSWORD_PLAIN',
    username: `${username}@demo`,
    password,
  })

/** What a key still does: nothing, log in, or read the users. */
export const useOf = async (running: Running, key: string): Promise<'none' | 'login' | 'read'> => {
  const rpc = await open(running)
  try {
    if ((await rpc.call('auth.login_with_api_key', key)) !== true) return 'none'
    return await rpc.call('user.query').then(
      () => 'read' as const,
      () => 'login' as const,
    )
  } finally {
    rpc.close()
  }
}

const password = (n: number, time: number): string => `password ${time} of ${n}`

/**
 * Makes users and keys, takes a backup while keys are made, ends much of it, stops and restores.
 * @param lose what happens to the folder before that.
 * @returns for each key and password of then what it was to do, and what it does.
 */
export const drill = async (
  data: string,
  file: string,
  size: Size,
  lose: () => Promise<void> = async () => {},
  flags: readonly string[] = [],
) => {
  const first = await start(data)
  const admin = await open(first)
  await login(admin, first.bootstrap.username, first.bootstrap.password)
  const ids: number[] = []
  for (let n = 0; n < size.users; n++) {
    const of = {
      username: `u${n}`,
      full_name: `User ${n}`,
      roles: ['API_KEY_READ', 'ACCOUNT_READ'],
    }
    await admin.call('user.create', { ...of, password: password(n, 1) })
    const [found] = await admin.call<{ id: number }[]>('user.query', [['username', '=', `u${n}`]])
    ids.push(found?.id ?? 0)
  }
  const keys: Key[] = []
  const make = async (n: number, name = `key ${n}`) => {
    const user = n % size.users
    const made = await admin.call<{ id: number; key: string }>('api_key.create', {
      name,
      username: `u${user}`,
    })
    return { id: made.id, user, key: made.key }
  }
  await atOnce(range(size.keys), AT_ONCE, async (n) => {
    keys[n] = await make(n)
  })

  let isOver = false
  const later: Key[] = []
  const writing = (async () => {
    for (let n = 0; !isOver; n++) later.push(await make(n, `later ${n}`))
  })()
  const backup = await runCommand(data, ['backup', file])
  isOver = true
  await writing

  const secretsThen = keys.map(({ key }) => key)
  const has = (from: number, count: number, n: number): boolean => n >= from && n < from + count
  const isRevoked = (n: number): boolean => has(0, size.revoked, n)
  const isReset = (n: number): boolean => has(size.revoked, size.reset, n)
  await atOnce(range(size.keys), AT_ONCE, async (n) => {
    const key = keys[n] as Key
    if (isRevoked(n)) await admin.call(n % 2 ? 'api_key.delete' : 'api_key.revoke', key.id)
    if (isReset(n))
      key.key = (await admin.call<{ key: string }>('api_key.update', key.id, { reset: true })).key
  })
  const isDemoted = (user: number): boolean => has(0, size.demoted, user)
  const isLocked = (user: number): boolean => has(size.demoted, size.locked, user)
  for (const [n, id] of ids.entries()) {
    if (isDemoted(n)) await admin.call('user.update', id, { roles: ['API_KEY_READ'] })
    if (isLocked(n)) await admin.call('user.update', id, { locked: true })
    if (!isLocked(n)) await admin.call('user.update', id, { password: password(n, 2) })
  }
  admin.close()
  await first.stop()
  await lose()
  const restore = await runCommand(data, ['restore', file, ...flags])
  if (restore.code !== 0) return { backup, restore, wrong: [], made: 0, passes: 0 }

  const second = await start(data)
  const wrong: string[] = []
  let passes = 0
  await atOnce(range(size.keys), AT_ONCE, async (n) => {
    const { user, key } = keys[n] as Key
    const isGone = isRevoked(n) || isLocked(user)
    const right = isGone ? 'none' : isDemoted(user) ? 'login' : 'read'
    const is = await useOf(second, key)
    if (is !== right) wrong.push(`key ${n}: ${is} and not ${right}`)
    if (is !== 'none') passes++
    if (isReset(n) && (await useOf(second, secretsThen[n] ?? '')) !== 'none')
      wrong.push(`key ${n}: by its old secret`)
  })
  const again = await open(second)
  for (let n = 0; n < size.users; n++)
    for (const time of [1, 2]) {
      const rpc = await open(second)
      const { response_type: is } = await login(rpc, `u${n}`, password(n, time))
      rpc.close()
      if ((is === 'SUCCESS') !== (time === 2 && !isLocked(n))) wrong.push(`u${n} by ${time}: ${is}`)
    }
  await login(again, first.bootstrap.username, first.bootstrap.password)
  const { id: made } = await again.call<{ id: number }>('api_key.create', {
    name: 'anew',
    username: `u${size.users - 1}`,
  })
  if ([...keys, ...later].some(({ id }) => id === made)) wrong.push(`id ${made} is given twice`)
  again.close()
  await second.stop()
  return { backup, restore, wrong, made, passes }
}

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
