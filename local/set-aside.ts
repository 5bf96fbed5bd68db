/** `npm start -- --new`: what a data folder has goes into a folder within it, from where it can be put back. */
import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** What an installation has, whole or as a draft. Not its lock, which is the process's, nor what isn't ours. */
const OURS =
  /^(installation\.json|dynamo\.db|kms\.key|operator\.jwk|tls-(cert|key)\.pem|bootstrap\.json|streams?[\w-]*\.json|journal)([.-].*)?$/

/** @returns where it is then; null where there was nothing. */
export const setAside = async (folder: string, now: number): Promise<string | null> => {
  const names = (await readdir(folder)).filter((name) => OURS.test(name))
  if (names.length === 0) return null
  const to = join(folder, `set-aside-${new Date(now).toISOString().replaceAll(':', '-')}`)
  await mkdir(to, { mode: 0o700 })
  for (const name of names) await rename(join(folder, name), join(to, name))
  return to
}
